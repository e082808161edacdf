import { SessionError } from './errors.ts'

/** The data of a session whose app has not said what it holds, by `createSessions<Data>` or `schema`. */
export type Data = Record<string, unknown>

/** Data as the store knows it: the JSON text of each top-level key. */
export type DataTexts = ReadonlyMap<string, string>

/** New texts by key; undefined: the key is removed. */
export type DataChanges = ReadonlyMap<string, string | undefined>

/** Four million UTF-16 units: below MongoDB's 16 MB document even if each takes three bytes. */
export const MAX_DATA_SIZE: number = 4 * 1024 * 1024

/** What one request can write, another must: how deep JSON.stringify gets depends on who calls it. */
const DEEPEST = 500

export function parseData(json: string): Data {
  try {
    const data: unknown = JSON.parse(json)
    if (isPlainObject(data)) return data
  } catch {}
  throw new SessionError('ERR_DATA_INVALID', 'The stored session data is not a JSON object')
}

/** @param what What an error is to call it. */
export function textsOf(data: object, what = 'session.data'): DataTexts {
  if (!isPlainObject(data)) throw invalid([], what)
  const texts = new Map<string, string>()
  for (const [key, value] of Object.entries(data)) {
    const text = textOf(value, [key], what)
    if (text !== undefined) texts.set(key, text)
  }
  return texts
}

export function difference(from: DataTexts, to: DataTexts): DataChanges {
  const changes = new Map<string, string | undefined>()
  for (const [key, text] of to) if (from.get(key) !== text) changes.set(key, text)
  for (const key of from.keys()) if (!to.has(key)) changes.set(key, undefined)
  return changes
}

export function applyChanges(texts: DataTexts, changes: DataChanges): DataTexts {
  const merged = new Map(texts)
  for (const [key, text] of changes) {
    if (text === undefined) merged.delete(key)
    else merged.set(key, text)
  }
  return merged
}

export function joinTexts(texts: DataTexts): string {
  const members = [...texts].map(([key, text]) => `${JSON.stringify(key)}:${text}`)
  return `{${members.join(',')}}`
}

/** The texts of what is JSON; other keys are passed over. */
export function validTextsOf(data: Data): DataTexts {
  const texts = new Map<string, string>()
  for (const [key, value] of Object.entries(data)) {
    try {
      const text = textOf(value, [key], '')
      if (text !== undefined) texts.set(key, text)
    } catch {
      // The next save says so.
    }
  }
  return texts
}

/** Applies changes to the object itself, so that references a handler holds stay good. */
export function applyInPlace(target: Data, changes: DataChanges): void {
  for (const [key, text] of changes) {
    if (text === undefined) delete target[key]
    // Not an assignment: a key named __proto__ is data, not a prototype.
    else Object.defineProperty(target, key, { ...PLAIN, value: JSON.parse(text) })
  }
}

const PLAIN = { configurable: true, enumerable: true, writable: true }

function textOf(value: unknown, path: readonly PropertyKey[], what: string): string | undefined {
  // What is being written, from the value itself down. Not a path for each object: a megabyte of
  // JSON can hold a few hundred thousand, each far down.
  const open: { readonly holder: unknown; readonly key: string }[] = []
  // JSON.stringify drops or mangles what JSON cannot hold; a session must not lose data silently.
  function check(this: unknown, key: string, inner: unknown): unknown {
    while (open.length > 0 && open.at(-1)?.holder !== this) open.pop()
    const isBroken =
      // In a list it would come back as null.
      (inner === undefined && Array.isArray(this)) ||
      (!Array.isArray(inner) && !isPlainObject(inner) && !isJsonScalar(inner))
    if (isBroken) {
      const inside = [...open.slice(1).map((each) => each.key), key]
      throw invalid(open.length === 0 ? path : [...path, ...inside], what)
    }
    if (typeof inner === 'object') open.push({ holder: inner, key })
    if (open.length > DEEPEST) throw invalid(path, what, {}, TOO_DEEP)
    return inner
  }
  try {
    return JSON.stringify(value, check)
  } catch (error) {
    if (error instanceof SessionError) throw error
    throw invalid(path, what, { cause: error })
  }
}

function isJsonScalar(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  return value === null || ['string', 'boolean', 'undefined'].includes(typeof value)
}

function isPlainObject(value: unknown): value is Data {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function invalid(
  path: readonly PropertyKey[],
  what: string,
  cause: { readonly cause?: unknown } = {},
  why = NOT_JSON,
): SessionError {
  const where = [what, ...path.map(String)].join('.')
  return new SessionError('ERR_DATA_INVALID', `${where} is ${why}`, { path, ...cause })
}

const NOT_JSON =
  'not plain JSON (use strings, finite numbers, booleans, null, arrays and plain objects)'
const TOO_DEEP = `nested too deeply: ${DEEPEST} levels at most`
