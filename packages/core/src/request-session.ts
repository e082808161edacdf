import { assertKeys, own } from './check.ts'
import { assertCreateOptions } from './create-options.ts'
import { clearSiteDataValue } from './clear-site-data.ts'
import { messagesIn, writtenData, type Content } from './content.ts'
import { CookieSlot } from './cookie-slot.ts'
import { applyChanges, joinTexts, parseData, textsOf, type Data, type DataTexts } from './data.ts'
import { report, type Engine } from './engine.ts'
import { deletionUnconfirmed, SessionError, sessionEnded } from './errors.ts'
import { flashCall, withoutMessage, type Message } from './flash.ts'
import { LocalData } from './local-data.ts'
import type { SessionRecord } from './record.ts'
import { revoke } from './revoke.ts'
import { SessionFacts } from './session-facts.ts'
import type { CreateOptions, EndOptions, Session } from './session.ts'
import { discard, reseal, start } from './start.ts'
import { identityOf, replacedBy, secretIn, type SessionState } from './state.ts'
import type { Transport } from './transport.ts'
import { Turns } from './turns.ts'
import { rotate, writeData, type Rotation, type Unconfirmed } from './write.ts'

const NOTHING: DataTexts = new Map()

/** The session of one request: the state it is in, and the one slot for its cookie. */
export class RequestSession<D extends object = Data> extends SessionFacts implements Session<D> {
  readonly #engine: Engine
  readonly #slot: CookieSlot
  readonly #turns = new Turns()
  readonly #data: LocalData
  #state: SessionState
  /** A save is under way, or the last one has failed, of which its caller knows. */
  #isSaving = false
  /** Messages that this request has left and that nobody can have seen: they outlive an end. */
  #left: DataTexts = NOTHING
  /** The state is `over` because this request has asked for it. */
  #hasEnded = false

  /** @param data Of a live session, as handlers are to see it. */
  constructor(engine: Engine, transport: Transport, state: SessionState, data?: string) {
    super(engine, transport, () => this.#record)
    this.#engine = engine
    this.#slot = new CookieSlot(transport, engine.options.cookie, engine.warnings)
    this.#state = state
    this.#data = new LocalData(data)
    if (state.kind === 'dead' && this.#slot.isNavigation) this.#slot.delete()
  }

  get data(): Partial<D> {
    return this.#data.value as Partial<D>
  }

  create(options: CreateOptions<D> = {}): Promise<void> {
    return this.#turns.take(() => this.#create(options))
  }

  save(): Promise<void> {
    return this.#turns.take(async () => {
      this.#isSaving = true
      const changes = this.#data.changes()
      await this.#write(
        ({ data, messages }) => ({ data: applyChanges(data, changes), messages }),
        this.#data.local(),
      )
      this.#isSaving = false
    })
  }

  update(fn: (data: Partial<D>) => Partial<D> | void | Promise<Partial<D> | void>): Promise<void> {
    return this.#turns.take(async () => {
      await this.#write(async ({ data, messages }) => {
        const draft = parseData(joinTexts(data)) as Partial<D>
        const next = (await this.#turns.lend(() => fn(draft))) ?? draft
        return { data: textsOf(next), messages }
      }, this.#data.stored())
    })
  }

  flash<T = unknown>(key: string): Promise<T | undefined>
  flash(key: string, value: unknown): Promise<void>
  flash(key: string, ...given: readonly unknown[]): Promise<unknown> {
    return this.#turns.take(async () => {
      const call = flashCall(key, given)
      return call.kind === 'take' ? this.#takeMessage(call.key) : this.#leaveMessage(call)
    })
  }

  rotate(options: { readonly tags?: readonly string[] } = {}): Promise<void> {
    return this.#turns.take(async () => {
      assertKeys(options, ['tags'], 'rotate')
      await this.#rotate({ tags: own(options).tags, reauthenticated: false })
    })
  }

  reauthenticate(): Promise<void> {
    return this.#turns.take(async () => {
      if (this.#live().userId === undefined) throw sessionEnded('nobody is signed in')
      await this.#rotate({ tags: undefined, reauthenticated: true })
    })
  }

  revokeOthers(): Promise<number> {
    return this.#turns.take(async () => {
      this.#slot.assertWritable()
      const { id, userId } = this.#live()
      if (userId === undefined) return 0
      const count = await this.#orOver(() =>
        revoke(this.#engine, { userId }, { id, required: true }),
      )
      await this.#rotate({ tags: undefined, reauthenticated: false })
      return count
    })
  }

  async end(options: EndOptions = {}): Promise<void> {
    assertKeys(options, ['clearSiteData'], 'end')
    const clearSiteData = clearSiteDataValue(own(options).clearSiteData)
    // Before its turn: whatever comes first and whatever becomes of the store, and even if nobody
    // awaits it, this browser is to lose the cookie.
    this.#slot.beginEnd(clearSiteData)
    await this.#engine.options.telemetry.span('end', () =>
      // An update waits for its function, which may be waiting for this.
      this.#turns.takeOrInterrupt(() => this.#end()),
    )
  }

  /** For the bindings: whether an end was asked for that is not done. */
  get isEnding(): boolean {
    return this.#slot.isEnding
  }

  /** For the bindings: whether `data` was changed and nobody saves it. */
  hasForgottenChanges(): boolean {
    if (this.#isSaving || this.#state.kind === 'over') return false
    try {
      return this.#data.changes().size > 0
    } catch {
      return true
    }
  }

  get #record(): SessionRecord | undefined {
    return this.#state.kind === 'live' ? this.#state.record : undefined
  }

  async #create(given: CreateOptions<D>): Promise<void> {
    assertCreateOptions(given)
    const options = own(given)
    const data = textsOf(options.data ?? {})
    this.#slot.assertWritable()
    const { userId } = identityOf(this.#state)
    if (userId !== undefined && userId !== options.userId && this.#state.kind !== 'over') {
      return this.#start(options, () => ({ data, messages: NOTHING }), NOTHING)
    }
    const changes = this.#data.changes()
    // A notice left by who has signed out is not for who signs in next.
    const left = options.userId === undefined && this.#hasEnded ? this.#left : NOTHING
    await this.#start(
      options,
      (stored) => ({
        data: applyChanges(applyChanges(stored.data, changes), data),
        messages: new Map([...left, ...stored.messages]),
      }),
      this.#data.local(),
    )
  }

  async #start(
    options: Omit<CreateOptions<D>, 'data'>,
    compose: (stored: Content) => Content,
    covered: DataTexts,
  ): Promise<void> {
    const { userId, tags, federation, fence, device } = own(options)
    const replaced = replacedBy(this.#state, userId)
    const known = replaced === undefined ? this.#record : undefined
    const loaded = { data: this.#data.stored(), messages: this.#messages }
    const issued = await start(this.#engine, {
      userId,
      tags,
      federation,
      fence,
      device,
      known,
      compose: (stored) => compose(stored ?? loaded),
    })
    try {
      this.#slot.assertWritable()
      // Only now, so that a login that fails leaves the one before it alone; and still before
      // anybody has the new cookie.
      if (replaced?.id !== undefined) await this.#delete(replaced.id, replaced.userId, 'replaced')
      this.#slot.assertWritable()
    } catch (error) {
      await discard(this.#engine, issued.record.id)
      throw error
    }
    this.#become(issued.record, covered)
    this.#slot.set(issued.setCookie)
    report(this.#engine, 'created', issued.record)
  }

  /** Writes content, of which the local `covered` is a part: into the session, or a new anonymous one. */
  async #write(
    compose: (stored: Content) => Content | Promise<Content>,
    covered: DataTexts,
  ): Promise<void> {
    const known = this.#record
    if (known === undefined) {
      this.#assertMayStart()
      this.#slot.assertWritable()
      const composed = await compose({ data: NOTHING, messages: NOTHING })
      // Meanwhile the session may have been ended.
      this.#assertMayStart()
      return this.#start({}, () => composed, covered)
    }
    const record = await this.#orOver(() => writeData(this.#engine, known, compose))
    const isOutdated = this.#state.kind === 'live' && this.#state.isOutdated === true
    this.#become(record, covered)
    if (isOutdated && this.#slot.mayRenew) await this.#reseal(record)
  }

  /** The newest secret seals the same content: after the last old cookie an old secret can go. */
  async #reseal(record: SessionRecord): Promise<void> {
    const secret = await secretIn(this.#engine, this.#slot.received, record.secretHash)
    if (secret !== undefined) this.#slot.set(await reseal(this.#engine, secret, record))
  }

  get #messages(): DataTexts {
    return messagesIn(this.#record?.data)
  }

  async #leaveMessage({ add, added }: Message): Promise<void> {
    if (this.#hasEnded) {
      // What this request has ended itself, it may follow by a visitor's session that says so.
      this.#slot.assertWritable()
      await this.#start({}, () => add({ data: NOTHING, messages: this.#left }), NOTHING)
    } else {
      await this.#write(add, this.#data.stored())
    }
    this.#left = new Map([...this.#left, ...added])
  }

  async #takeMessage(key: string): Promise<unknown> {
    const known = this.#record
    this.#left = new Map([...this.#left].filter(([each]) => each !== key))
    if (known === undefined || !this.#messages.has(key)) return undefined
    let text: string | undefined
    await this.#write((stored) => {
      text = stored.messages.get(key)
      return withoutMessage(stored, key)
    }, this.#data.stored())
    // Another request may have taken it meanwhile: nobody sees it twice.
    return text === undefined ? undefined : JSON.parse(text)
  }

  async #rotate(rotation: Rotation): Promise<void> {
    this.#slot.assertWritable()
    const known = this.#live()
    // First, as it throws where somebody else has written the data: the new secret would be lost.
    const covered = this.#data.stored()
    const unconfirmed: Unconfirmed = {
      formerSecret: () => secretIn(this.#engine, this.#slot.received, known.secretHash),
      send: (setCookie) => this.#slot.set(setCookie),
    }
    const issued = await this.#orOver(() => rotate(this.#engine, known, rotation, unconfirmed))
    this.#become(issued.record, covered)
    report(this.#engine, rotation.reauthenticated ? 'reauthenticated' : 'rotated', issued.record)
    this.#slot.assertWritable()
    this.#slot.set(issued.setCookie)
  }

  async #end(): Promise<void> {
    try {
      await this.#endNow()
    } finally {
      this.#slot.finishEnd()
    }
  }

  async #endNow(): Promise<void> {
    const { id, userId, deleted } = identityOf(this.#state)
    this.#hasEnded = true
    this.#forget({ kind: 'over', id, userId, deleted })
    // Again, over what calls before this one have queued since.
    this.#slot.delete()
    if (id !== undefined && !deleted) await this.#delete(id, userId, 'logout')
    if (!this.#slot.deletes) {
      throw new SessionError(
        'ERR_HEADERS_SENT',
        'The session has ended and its record is deleted, but the response has left without the deletion cookie',
        { record: 'deleted' },
      )
    }
  }

  async #delete(
    id: string,
    userId: string | undefined,
    reason: 'logout' | 'replaced',
  ): Promise<void> {
    let existed
    try {
      existed = await this.#engine.store.delete(id)
    } catch (cause) {
      throw deletionUnconfirmed(cause)
    }
    this.#forget({ kind: 'over', id, userId, deleted: true })
    if (existed) report(this.#engine, 'ended', { id, userId }, reason)
  }

  #live(): SessionRecord {
    const record = this.#record
    if (record === undefined) throw sessionEnded('this request is not in a live session')
    return record
  }

  /**
   * A cookie that nobody asked for must not replace one that the browser got meanwhile: a request
   * with an old cookie may be answered long after a login.
   */
  #assertMayStart(): void {
    const { kind } = this.#state
    if (kind === 'none' || (kind === 'dead' && this.#slot.isNavigation)) return
    throw sessionEnded('a new anonymous session would replace the cookie of a newer one')
  }

  async #orOver<T>(operation: () => Promise<T>): Promise<T> {
    try {
      return await operation()
    } catch (error) {
      if (error instanceof SessionError && error.code === 'ERR_SESSION_ENDED') {
        this.#forget({ kind: 'over', ...identityOf(this.#state) })
      }
      throw error
    }
  }

  /** Takes over a written record, of whose data the local `covered` is a part. */
  #become(record: SessionRecord, covered: DataTexts): void {
    // An end that did not wait its turn has come before the answer of this write.
    if (this.#slot.isEnding && this.#state.kind === 'over') return
    this.#state = { kind: 'live', record }
    this.#hasEnded = false
    this.#data.adopt(writtenData(record.data), covered)
  }

  #forget(state: SessionState): void {
    this.#state = state
    this.#data.clear()
  }
}
