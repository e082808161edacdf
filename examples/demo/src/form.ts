/** No body that a page of ours sends is larger. */
export const MOST_BYTES = 10 * 1024

const LONGEST = 200
const SHORTEST_PASSWORD = 8

/** A text field of a form; empty if it is missing, too long, or anything but text. */
export function field(form: unknown, name: string): string {
  if (typeof form !== 'object' || form === null || !Object.hasOwn(form, name)) return ''
  const value = (form as Record<string, unknown>)[name]
  return typeof value === 'string' && value.length <= LONGEST ? value : ''
}

/** What is wrong with a field of a form, for the page that shows it again. */
export interface FieldError {
  readonly field: string
  readonly text: string
}

/** Whether a password is long enough. The rest is up to whoever chooses it (NIST SP 800-63B). */
export function newPasswordError(password: string): FieldError | undefined {
  if (password.length >= SHORTEST_PASSWORD) return undefined
  return {
    field: 'next',
    text: `Choose a password of ${SHORTEST_PASSWORD} to ${LONGEST} characters.`,
  }
}

export const NO_USER: FieldError = { field: 'user', text: 'Enter the name of a user.' }
export const WRONG_LOGIN: FieldError = { field: 'password', text: 'Wrong user or password.' }
export const WRONG_PASSWORD: FieldError = { field: 'current', text: 'That is not your password.' }
