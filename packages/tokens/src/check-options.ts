import { SessionError } from '@adjourn/core'

/** What an option must be. The text completes "… must be", and never holds the value. */
export type OptionRule = readonly [test: (value: unknown) => boolean, must: string]

export const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const isSeconds = (value: unknown): boolean =>
  typeof value === 'number' && Number.isFinite(value) && value > 0
export const isFunction = (value: unknown): boolean => typeof value === 'function'

export const TEXT: OptionRule = [isText, 'a non-empty string']
export const SECONDS: OptionRule = [isSeconds, 'a number of seconds above 0']
export const FUNCTION: OptionRule = [isFunction, 'a function']
export const FLAG: OptionRule = [(value) => typeof value === 'boolean', 'true or false']
export const CLOCK: OptionRule = [
  (value) => isFunction((value as { now?: unknown } | null)?.now),
  'an object with now()',
]

/** Every mistake in some options: what is missing, unknown keys, and values that are wrong. */
export function optionMistakes(
  given: unknown,
  rules: Readonly<Record<string, OptionRule>>,
  required: readonly string[] = [],
): string[] {
  const options = Object(given) as Record<string, unknown>
  const missing = required.filter((key) => options[key] === undefined)
  const wrong = Object.entries(options).flatMap(([key, value]) => {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined
    if (rule === undefined) return [`${key} is not an option`]
    const [test, must] = rule
    return value === undefined || test(value) ? [] : [`${key} must be ${must}`]
  })
  return [...missing.map((key) => `${key} is missing`), ...wrong]
}

/**
 * Checks options once.
 *
 * @throws SessionError `ERR_CONFIG`, naming every mistake and no value.
 */
export function checkOptions(...given: Parameters<typeof optionMistakes>): void {
  refuseOptions(optionMistakes(...given))
}

export function refuseOptions(mistakes: readonly string[]): void {
  if (mistakes.length > 0) throw new SessionError('ERR_CONFIG', `${mistakes.join('; ')}.`)
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Whether nobody on the way can read or change what goes to an address. */
export function isSafeUrl(value: unknown): boolean {
  if (!(value instanceof URL) && (typeof value !== 'string' || !URL.canParse(value))) return false
  const { protocol, hostname, username, password } = new URL(value)
  if (username !== '' || password !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname))
}
