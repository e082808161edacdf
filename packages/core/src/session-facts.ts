import { sessionEnded } from './errors.ts'
import type { Engine } from './engine.ts'
import type { FindingCode } from './findings.ts'
import { tagsOf } from './groups.ts'
import { deadline, type SessionRecord } from './record.ts'
import type { Transport } from './transport.ts'

/** What a request knows of its session without asking anybody. */
export class SessionFacts {
  readonly #engine: Engine
  readonly #record: () => SessionRecord | undefined
  readonly #transport: Transport
  #signal: { readonly id: string; readonly signal: AbortSignal } | undefined

  /** @param record The record of the live session, if there is one. */
  constructor(engine: Engine, transport: Transport, record: () => SessionRecord | undefined) {
    this.#engine = engine
    this.#transport = transport
    this.#record = record
  }

  get active(): boolean {
    return this.#record() !== undefined
  }

  get id(): string | undefined {
    return this.#record()?.id
  }

  get userId(): string | undefined {
    return this.#record()?.userId
  }

  get tags(): readonly string[] {
    return tagsOf(this.#record()?.groups ?? [])
  }

  get createdAt(): Date | undefined {
    return copyOf(this.#record()?.createdAt)
  }

  get authenticatedAt(): Date | undefined {
    return copyOf(this.#record()?.authenticatedAt)
  }

  get lastSeenAt(): Date | undefined {
    return copyOf(this.#record()?.lastSeenAt)
  }

  get expiresAt(): Date | undefined {
    const record = this.#record()
    return record && new Date(deadline(record, this.#engine.options.absoluteTimeout))
  }

  get signal(): AbortSignal {
    const record = this.#record()
    if (record === undefined) return AbortSignal.abort(sessionEnded('there is none'))
    // Kept, as the next one of this id would not know yet that the session is over.
    if (this.#signal?.id !== record.id) {
      this.#signal = { id: record.id, signal: this.#signalOf(record) }
    }
    return this.#signal.signal
  }

  /** Where a request's work ends with it, no other may have its signal, nor be woken by it. */
  #signalOf(record: SessionRecord): AbortSignal {
    return this.#transport.waitUntil === undefined
      ? this.#engine.signals.of(record)
      : new AbortController().signal
  }

  /** For the bindings: whether a mistake of the app's may be warned of. */
  get inDevelopment(): boolean {
    return this.#engine.options.inDevelopment
  }

  /** For the bindings: warns of a mistake of the app's, once, in development. */
  warn(code: FindingCode): void {
    this.#engine.warnings.warn(code)
  }

  /** For the bindings: the name of the session's cookie. */
  get cookieName(): string {
    return this.#engine.options.cookie.attributes.name
  }

  isFresh(seconds: number): boolean {
    const at = this.authenticatedAt
    return at !== undefined && this.#engine.now().getTime() - at.getTime() <= seconds * 1000
  }

  /** What is safe to show. */
  toJSON(): object {
    const { active, id, userId, tags, createdAt, lastSeenAt, expiresAt } = this
    return { active, id, userId, tags, createdAt, lastSeenAt, expiresAt }
  }
}

/** The record may be one that other requests share. */
function copyOf(date: Date | undefined): Date | undefined {
  return date && new Date(date)
}
