import { SessionError } from './errors.ts'

/** Refuses keys that a call does not know: `create({ userid })` must not start an anonymous session. */
export function assertKeys(
  given: object | undefined,
  known: readonly string[],
  call: string,
): void {
  if (given === undefined) return
  const keys = typeof given === 'object' && given !== null ? Object.keys(given) : ['its argument']
  const unknown = keys.filter((key) => !known.includes(key))
  if (unknown.length > 0) {
    throw new SessionError(
      'ERR_CONFIG',
      `${call} does not take ${unknown.join(', ')}; it takes { ${known.join(', ')} }`,
    )
  }
}
