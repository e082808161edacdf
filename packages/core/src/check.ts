import { SessionError } from './errors.ts'

/** What an option's value must be. */
export interface Rule {
  readonly test: (value: unknown) => boolean
  /** Completes "… must be". Never holds the value. */
  readonly must: string
}

/** Not null itself, with which V8 makes an object that is several times as slow to read and to copy. */
const NO_PROTOTYPE: object = Object.freeze(Object.create(null) as object)

/**
 * The own properties alone, on an object that inherits nothing: what some other bug has put on
 * `Object.prototype` is no option, and no field of a record.
 */
export function own<T extends object>(given: T | undefined): T {
  return Object.assign(Object.create(NO_PROTOTYPE) as T, given)
}

export const isFunction = (value: unknown): boolean => typeof value === 'function'
export const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) > 0
export const isSeconds = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0

/** Every mistake in some options, unknown keys among them. */
export function findMistakes(
  given: object,
  rules: Readonly<Record<string, Rule>>,
  prefix = '',
): string[] {
  return Object.entries(given).flatMap(([key, value]) => {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined
    if (rule === undefined) return [`${prefix}${key} is not an option`]
    if (value === undefined || rule.test(value)) return []
    return [`${prefix}${key} must be ${rule.must}`]
  })
}

export function refuse(mistakes: readonly string[]): void {
  if (mistakes.length > 0) throw new SessionError('ERR_CONFIG', `${mistakes.join('; ')}.`)
}

/** Refuses keys that a call does not know: `create({ userid })` must not start an anonymous session. */
export function assertKeys(given: unknown, known: readonly string[], call: string): void {
  if (given === undefined) return
  const keys = typeof given === 'object' && given !== null ? Object.keys(given) : ['its argument']
  const unknown = keys.filter((key) => !known.includes(key))
  if (unknown.length === 0) return
  refuse([`${call} does not take ${unknown.join(', ')}; it takes { ${known.join(', ')} }`])
}
