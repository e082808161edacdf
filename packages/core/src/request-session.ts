import { assertKeys } from './check.ts'
import { assertCreateOptions } from './create-options.ts'
import { clearSiteDataValue } from './clear-site-data.ts'
import { CookieSlot } from './cookie-slot.ts'
import { applyChanges, joinTexts, parseData, textsOf, type Data, type DataTexts } from './data.ts'
import type { Engine } from './engine.ts'
import { deletionUnconfirmed, SessionError, sessionEnded } from './errors.ts'
import { tagsOf } from './groups.ts'
import { LocalData } from './local-data.ts'
import { deadline, type SessionRecord } from './record.ts'
import { revoke } from './revoke.ts'
import type { CreateOptions, EndOptions, Session } from './session.ts'
import { discard, start } from './start.ts'
import { identityOf, secretIn, type SessionState } from './state.ts'
import type { Transport } from './transport.ts'
import { rotate, writeData, type Rotation, type Unconfirmed } from './write.ts'

/** The session of one request: the state it is in, and the one slot for its cookie. */
export class RequestSession<D extends object = Data> implements Session<D> {
  readonly #engine: Engine
  readonly #slot: CookieSlot
  #state: SessionState
  readonly #data: LocalData
  /** The call under way, or the last of those that wait. */
  #last: Promise<void> | undefined
  #updating = false
  /** Somebody has asked for the data to be written, whatever came of it. */
  #saveAsked = false

  constructor(engine: Engine, transport: Transport, state: SessionState) {
    this.#engine = engine
    this.#slot = new CookieSlot(transport, engine.options.cookie.attributes)
    this.#state = state
    this.#data = new LocalData(state.kind === 'live' ? state.record.data : undefined)
    if (state.kind === 'dead' && this.#slot.isNavigation) this.#slot.delete()
  }

  get active(): boolean {
    return this.#state.kind === 'live'
  }

  get id(): string | undefined {
    return this.#record?.id
  }

  get userId(): string | undefined {
    return this.#record?.userId
  }

  get tags(): readonly string[] {
    return tagsOf(this.#record?.groups ?? [])
  }

  get createdAt(): Date | undefined {
    return this.#record?.createdAt
  }

  get authenticatedAt(): Date | undefined {
    return this.#record?.authenticatedAt
  }

  get lastSeenAt(): Date | undefined {
    return this.#record?.lastSeenAt
  }

  get expiresAt(): Date | undefined {
    const record = this.#record
    return record && new Date(deadline(record, this.#engine.options.absoluteTimeout))
  }

  get data(): Partial<D> {
    return this.#data.value as Partial<D>
  }

  isFresh(seconds: number): boolean {
    const at = this.authenticatedAt
    return at !== undefined && this.#engine.now().getTime() - at.getTime() <= seconds * 1000
  }

  create(options: CreateOptions<D> = {}): Promise<void> {
    return this.#run(() => this.#create(options))
  }

  save(): Promise<void> {
    return this.#run(async () => {
      const changes = this.#data.changes()
      await this.#write((stored) => applyChanges(stored, changes), this.#data.local())
    })
  }

  update(fn: (data: Partial<D>) => Partial<D> | void | Promise<Partial<D> | void>): Promise<void> {
    return this.#run(() =>
      this.#write(async (stored) => {
        const draft = parseData(joinTexts(stored)) as Partial<D>
        this.#updating = true
        try {
          return textsOf((await fn(draft)) ?? draft)
        } finally {
          this.#updating = false
        }
      }, this.#data.stored()),
    )
  }

  rotate(options: { readonly tags?: readonly string[] } = {}): Promise<void> {
    return this.#run(async () => {
      assertKeys(options, ['tags'], 'rotate')
      await this.#rotate({ tags: options.tags, reauthenticated: false })
    })
  }

  reauthenticate(): Promise<void> {
    return this.#run(async () => {
      if (this.#live().userId === undefined) throw sessionEnded('nobody is signed in')
      await this.#rotate({ reauthenticated: true })
    })
  }

  revokeOthers(): Promise<number> {
    return this.#run(async () => {
      this.#slot.assertWritable()
      const { id, userId } = this.#live()
      if (userId === undefined) return 0
      const count = await this.#orOver(() =>
        revoke(this.#engine, { userId }, { id, required: true }),
      )
      await this.#rotate({ reauthenticated: false })
      return count
    })
  }

  async end(options: EndOptions = {}): Promise<void> {
    assertKeys(options, ['clearSiteData'], 'end')
    const clearSiteData = clearSiteDataValue(options.clearSiteData)
    // Before its turn: whatever comes first and whatever becomes of the store, and even if nobody
    // awaits it, this browser is to lose the cookie.
    this.#slot.beginEnd(clearSiteData)
    // An update waits for its function, which may be waiting for this.
    return this.#updating ? this.#end() : this.#run(() => this.#end())
  }

  /** For the bindings: whether `data` was changed and nobody tried to save it. */
  hasForgottenChanges(): boolean {
    if (this.#saveAsked || this.#state.kind === 'over') return false
    try {
      return this.#data.changes().size > 0
    } catch {
      return true
    }
  }

  /** What is safe to show. */
  toJSON(): object {
    const { active, id, userId, tags, createdAt, lastSeenAt, expiresAt } = this
    return { active, id, userId, tags, createdAt, lastSeenAt, expiresAt }
  }

  get #record(): SessionRecord | undefined {
    return this.#state.kind === 'live' ? this.#state.record : undefined
  }

  /** One after the other, in the order of the calls: a save started before an end stays before it. */
  #run<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#updating) {
      // Waiting for its turn would wait for the update that waits for it.
      const message = 'While the function given to update runs, the session takes no call but end'
      return Promise.reject(new SessionError('ERR_CONFIG', message))
    }
    // Begun at once where nothing is under way: a call that nobody awaits has at least begun.
    const result = this.#last === undefined ? operation() : this.#last.then(operation)
    const done: Promise<void> = result.then(ignore, ignore).finally(() => {
      if (this.#last === done) this.#last = undefined
    })
    this.#last = done
    return result
  }

  async #create(options: CreateOptions<D>): Promise<void> {
    assertCreateOptions(options)
    const given = textsOf(options.data ?? {})
    this.#slot.assertWritable()
    const { id, userId, deleted } = identityOf(this.#state)
    if (!deleted && userId !== undefined && userId !== options.userId) {
      await this.#start(options, () => given, NOTHING, { id, userId })
      return
    }
    const changes = this.#data.changes()
    await this.#start(
      options,
      (stored) => applyChanges(applyChanges(stored, changes), given),
      this.#data.local(),
    )
  }

  async #start(
    options: Omit<CreateOptions<D>, 'data'>,
    compose: (stored: DataTexts) => DataTexts,
    covered: DataTexts,
    replaced?: { readonly id: string | undefined; readonly userId: string },
  ): Promise<void> {
    const known = replaced === undefined ? this.#record : undefined
    const { userId, tags, federation, fence, device } = options
    const loaded = this.#data.stored()
    const issued = await start(this.#engine, {
      userId,
      tags,
      federation,
      fence,
      device,
      known,
      compose: (stored) =>
        joinTexts(compose(stored === undefined ? loaded : textsOf(parseData(stored)))),
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
    this.#emit('created', issued.record)
  }

  /** Writes data, of which the local `covered` is a part: into the session, or a new anonymous one. */
  async #write(
    compose: (stored: DataTexts) => DataTexts | Promise<DataTexts>,
    covered: DataTexts,
  ): Promise<void> {
    this.#saveAsked = true
    const known = this.#record
    if (known === undefined) {
      this.#assertMayStart()
      this.#slot.assertWritable()
      const composed = await compose(textsOf({}))
      // Meanwhile the session may have been ended.
      this.#assertMayStart()
      return this.#start({}, () => composed, covered)
    }
    const record = await this.#orOver(() =>
      writeData(this.#engine, known, async (stored) =>
        joinTexts(await compose(textsOf(parseData(stored)))),
      ),
    )
    this.#become(record, covered)
  }

  async #rotate(rotation: Rotation): Promise<void> {
    this.#slot.assertWritable()
    const known = this.#live()
    const unconfirmed: Unconfirmed = {
      formerSecret: () => secretIn(this.#engine, this.#slot.received, known.secretHash),
      send: (setCookie) => this.#slot.set(setCookie),
    }
    const issued = await this.#orOver(() => rotate(this.#engine, known, rotation, unconfirmed))
    this.#become(issued.record, this.#data.stored())
    this.#emit(rotation.reauthenticated ? 'reauthenticated' : 'rotated', issued.record)
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
    if (existed) this.#emit('ended', { id, userId }, reason)
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
    this.#data.adopt(record.data, covered)
  }

  #forget(state: SessionState): void {
    this.#state = state
    this.#data.clear()
  }

  #emit(
    type: 'created' | 'rotated' | 'reauthenticated' | 'ended',
    { id, userId }: { id: string; userId?: string | undefined },
    reason: 'logout' | 'replaced' = 'logout',
  ): void {
    const about = {
      at: this.#engine.now(),
      sessionId: id,
      ...(userId === undefined ? {} : { userId }),
    }
    this.#engine.emit(type === 'ended' ? { type, reason, ...about } : { type, ...about })
  }
}

/** Of the local data, when none of it goes into a new session. */
const NOTHING: DataTexts = new Map()

const ignore = (): void => {}
