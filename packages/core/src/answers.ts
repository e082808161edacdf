import { findMistakes, isFunction, own, refuse } from './check.ts'
import { SessionError } from './errors.ts'
import { keptSession } from './kept-sessions.ts'
import type { Session } from './session.ts'

/**
 * The session kept for a request, of these `Sessions` if they are given.
 *
 * @param request What it was kept on.
 * @param sessions Whose session. Default: of any.
 * @param advice What the app has not done if there is none, as "mount … before the routes".
 * @throws SessionError `ERR_CONFIG`, with the advice, if there is none.
 */
export function requireSession<D extends object>(
  request: object,
  sessions: object | undefined,
  advice: string,
): Session<D> {
  const current = keptSession<D>(request, sessions)
  if (current === undefined) throw new SessionError('ERR_CONFIG', `No session: ${advice}`)
  return current
}

/**
 * Checks the options of a binding's `withSession`, all of which are functions.
 *
 * @param options As they were given.
 * @param names Which there are.
 * @returns Their own properties: what is on `Object.prototype` is no option.
 * @throws SessionError `ERR_CONFIG`, naming every mistake.
 */
export function checkHandlerOptions<T extends object>(options: T, names: readonly string[]): T {
  const rule = { test: isFunction, must: 'a function' }
  const rules = Object.fromEntries(names.map((name) => [name, rule]))
  const given = own(options)
  refuse(findMistakes(given, rules, 'withSession: '))
  return given
}

/**
 * Whether it is an error of Adjourn's, also of another copy of this package. Not by its name alone,
 * which an error of the app may have, too: a binding answers with its status.
 *
 * @param error Whatever was thrown.
 */
export function isSessionError(error: unknown): error is SessionError {
  const { name, status, getResponse } = Object(error) as Partial<SessionError>
  return name === 'SessionError' && Number.isInteger(status) && typeof getResponse === 'function'
}
