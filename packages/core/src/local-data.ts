import {
  applyChanges,
  applyInPlace,
  difference,
  parseData,
  textsOf,
  validTextsOf,
  type Data,
  type DataChanges,
  type DataTexts,
} from './data.ts'

const EMPTY = '{}'

/** The data that a handler sees and changes, beside the data as the store has it. */
export class LocalData {
  #stored: string
  /** Parsed when it is first asked for: most requests never do. */
  #local: Data | undefined

  constructor(stored: string = EMPTY) {
    this.#stored = stored
  }

  get value(): Data {
    this.#local ??= parseData(this.#stored)
    return this.#local
  }

  /** As last read or written. */
  stored(): DataTexts {
    return textsOf(parseData(this.#stored))
  }

  local(): DataTexts {
    return this.#local === undefined ? this.stored() : textsOf(this.#local)
  }

  /** What the handler changed and has not saved. */
  changes(): DataChanges {
    return this.#local === undefined ? new Map() : difference(this.stored(), textsOf(this.#local))
  }

  /** Takes over what was written; what `covered` does not hold of the local data stays unsaved. */
  adopt(written: string, covered: DataTexts): void {
    this.#stored = written
    if (this.#local === undefined) return
    const local = validTextsOf(this.#local)
    const next = applyChanges(this.stored(), difference(covered, local))
    try {
      applyInPlace(this.#local, difference(local, next))
    } catch {
      // Frozen by the handler: a new object takes its place.
      this.#local = undefined
    }
  }

  clear(): void {
    this.#stored = EMPTY
    const local = this.#local ?? {}
    const cleared = Object.keys(local).every((key) => Reflect.deleteProperty(local, key))
    if (!cleared) this.#local = undefined
  }
}
