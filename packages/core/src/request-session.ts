import { assertKeys } from './arguments.ts'
import { serializeDeletion } from './cookie.ts'
import { applyChanges, applyInPlace, difference, joinTexts, parseData, textsOf } from './data.ts'
import type { Data, DataChanges, DataTexts } from './data.ts'
import type { Engine } from './engine.ts'
import { SessionError, sessionEnded } from './errors.ts'
import { tagsOf } from './groups.ts'
import { deadline, type SessionRecord } from './record.ts'
import { revoke } from './revoke.ts'
import type { CreateOptions, EndOptions, Session, SiteData } from './session.ts'
import { discard, start } from './start.ts'
import type { SessionState } from './state.ts'
import type { QueuedHeaders, Transport } from './transport.ts'
import { rotate, writeData, type Rotation } from './write.ts'

const EMPTY = '{}'

/** The session of one request: the state it is in, and the one slot for its cookie. */
export class RequestSession<D extends object = Data> implements Session<D> {
  readonly #engine: Engine
  readonly #transport: Transport
  #state: SessionState
  /** JSON as last read or written; what `data` is compared with. */
  #stored: string
  #data: Data | undefined
  #last: Promise<unknown> = Promise.resolve()
  #updating = false

  constructor(engine: Engine, transport: Transport, state: SessionState) {
    this.#engine = engine
    this.#transport = transport
    this.#state = state
    this.#stored = state.kind === 'live' ? state.record.data : EMPTY
    if (state.kind === 'dead' && this.#isNavigation() && !transport.headersSent()) {
      this.#queue(serializeDeletion(engine.options.cookie.attributes))
    }
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
    this.#data ??= parseData(this.#stored)
    return this.#data as Partial<D>
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
      const changes = this.#changes()
      await this.#write((stored) => applyChanges(stored, changes), this.#local())
    })
  }

  update(fn: (data: Partial<D>) => Partial<D> | void | Promise<Partial<D> | void>): Promise<void> {
    return this.#run(() =>
      this.#write(
        async (stored) => {
          const draft = parseData(joinTexts(stored)) as Partial<D>
          this.#updating = true
          try {
            return textsOf(((await fn(draft)) ?? draft) as Data)
          } finally {
            this.#updating = false
          }
        },
        textsOf(parseData(this.#stored)),
      ),
    )
  }

  rotate(options: { readonly tags?: readonly string[] } = {}): Promise<void> {
    return this.#run(async () => {
      assertKeys(options, ['tags'], 'rotate')
      await this.#rotate({ tags: options.tags, reauthenticated: false })
    })
  }

  reauthenticate(): Promise<void> {
    return this.#run(() => this.#rotate({ reauthenticated: true }))
  }

  revokeOthers(): Promise<number> {
    return this.#run(async () => {
      this.#assertWritable()
      const { id, userId } = this.#live()
      if (userId === undefined) return 0
      const count = await this.#orOver(() =>
        revoke(this.#engine, { userId }, { id, required: true }),
      )
      await this.#rotate({ reauthenticated: false })
      return count
    })
  }

  end(options: EndOptions = {}): Promise<void> {
    return this.#run(async () => {
      assertKeys(options, ['clearSiteData'], 'end')
      await this.#end(clearSiteDataValue(options.clearSiteData))
    })
  }

  /** For the bindings: whether `data` holds what `save` would write. */
  hasUnsavedChanges(): boolean {
    try {
      return this.#state.kind !== 'over' && this.#changes().size > 0
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
      const message = 'A session cannot be used inside the function given to its update'
      return Promise.reject(new SessionError('ERR_CONFIG', message))
    }
    const result = this.#last.then(operation)
    this.#last = result.catch(() => {})
    return result
  }

  async #create(options: CreateOptions<D>): Promise<void> {
    const known = ['userId', 'data', 'tags', 'federation', 'fence', 'device']
    assertKeys(options, known, 'create')
    assertKeys(options.device, ['label', 'userAgent', 'ip'], 'create({ device })')
    const given = textsOf((options.data ?? {}) as Data)
    this.#assertWritable()
    const current = this.#record
    if (current?.userId !== undefined && current.userId !== options.userId) {
      await this.#delete({ id: current.id, userId: current.userId }, 'replaced')
      this.#queue(serializeDeletion(this.#engine.options.cookie.attributes))
    }
    const changes = this.#changes()
    const carried = this.#local()
    await this.#start(
      options,
      (stored) => applyChanges(applyChanges(stored, changes), given),
      carried,
    )
  }

  async #start(
    options: Omit<CreateOptions<D>, 'data'>,
    compose: (stored: DataTexts) => DataTexts,
    covered: DataTexts,
  ): Promise<void> {
    const known = this.#record
    const { userId, tags, federation, fence, device } = options
    const loaded = this.#stored
    const issued = await start(this.#engine, {
      userId,
      tags,
      federation,
      fence,
      device,
      known,
      compose: (stored) => joinTexts(compose(textsOf(parseData(stored ?? loaded)))),
    })
    if (this.#transport.headersSent()) await discard(this.#engine, issued.record.id)
    this.#assertWritable()
    this.#become(issued.record, covered)
    this.#queue(issued.setCookie)
    this.#emit('created', issued.record)
  }

  /** Writes data, of which the local `covered` is a part: into the session, or a new anonymous one. */
  async #write(
    compose: (stored: DataTexts) => DataTexts | Promise<DataTexts>,
    covered: DataTexts,
  ): Promise<void> {
    const known = this.#record
    if (known === undefined) {
      this.#assertMayStart()
      this.#assertWritable()
      const composed = await compose(textsOf({}))
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
    this.#assertWritable()
    const known = this.#live()
    const issued = await this.#orOver(() => rotate(this.#engine, known, rotation))
    this.#become(issued.record, textsOf(parseData(this.#stored)))
    this.#emit(rotation.reauthenticated ? 'reauthenticated' : 'rotated', issued.record)
    this.#assertWritable()
    this.#queue(issued.setCookie)
  }

  async #end(clearSiteData: string | undefined): Promise<void> {
    const { id, userId, deleted } = this.#identity()
    this.#forget({ kind: 'over', id, userId, deleted })
    // Queued first: whatever becomes of the store, this browser is to lose the cookie.
    const sent = this.#transport.headersSent()
    if (!sent) {
      this.#queue(serializeDeletion(this.#engine.options.cookie.attributes), clearSiteData)
    }
    if (id !== undefined && !deleted) await this.#delete({ id, userId }, 'logout')
    if (sent) {
      throw new SessionError(
        'ERR_HEADERS_SENT',
        'The session has ended and its record is deleted, but the response has left without the deletion cookie',
        { record: 'deleted' },
      )
    }
  }

  async #delete(
    { id, userId }: { id: string; userId: string | undefined },
    reason: 'logout' | 'replaced',
  ): Promise<void> {
    let existed
    try {
      existed = await this.#engine.store.delete(id)
    } catch (cause) {
      throw new SessionError(
        'ERR_STORE_UNAVAILABLE',
        'The store did not confirm that the record is deleted, so the session may still be alive; call end() again',
        { cause, record: 'unknown' },
      )
    }
    this.#forget({ kind: 'over', id, userId, deleted: true })
    if (existed) this.#emit('ended', { id, userId }, reason)
  }

  #identity(): { id: string | undefined; userId: string | undefined; deleted: boolean } {
    const state = this.#state
    switch (state.kind) {
      case 'none':
        return { id: undefined, userId: undefined, deleted: true }
      case 'dead':
        return { id: state.id, userId: undefined, deleted: false }
      case 'live':
        return { id: state.record.id, userId: state.record.userId, deleted: false }
      case 'stale':
        return { id: state.id, userId: state.userId, deleted: false }
      case 'over':
        return state
    }
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
    if (kind === 'none' || (kind === 'dead' && this.#isNavigation())) return
    throw sessionEnded('a new anonymous session would replace the cookie of a newer one')
  }

  #isNavigation(): boolean {
    const mode = this.#transport.header('sec-fetch-mode')
    return mode === null || mode === undefined || mode === 'navigate'
  }

  #assertWritable(): void {
    if (!this.#transport.headersSent()) return
    throw new SessionError('ERR_HEADERS_SENT', 'The response has left: no cookie can go with it')
  }

  async #orOver<T>(operation: () => Promise<T>): Promise<T> {
    try {
      return await operation()
    } catch (error) {
      if (error instanceof SessionError && error.code === 'ERR_SESSION_ENDED') {
        this.#forget({ kind: 'over', ...this.#identity() })
      }
      throw error
    }
  }

  /** Takes over a written record; what `covered` does not hold of the local data stays unsaved. */
  #become(record: SessionRecord, covered: DataTexts): void {
    this.#state = { kind: 'live', record }
    this.#stored = record.data
    if (this.#data === undefined) return
    const stored = textsOf(parseData(record.data))
    try {
      const local = textsOf(this.#data)
      const next = applyChanges(stored, difference(covered, local))
      applyInPlace(this.#data, difference(local, next))
    } catch {
      // Something that is not JSON was put there meanwhile: the next save says so.
    }
  }

  #forget(state: SessionState): void {
    this.#state = state
    this.#stored = EMPTY
    for (const key of Object.keys(this.#data ?? {})) delete this.#data?.[key]
  }

  #local(): DataTexts {
    return textsOf(this.#data ?? parseData(this.#stored))
  }

  #changes(): DataChanges {
    if (this.#data === undefined) return new Map()
    return difference(textsOf(parseData(this.#stored)), textsOf(this.#data))
  }

  #queue(setCookie: string, clearSiteData?: string): void {
    const { name: cookieName } = this.#engine.options.cookie.attributes
    const headers: QueuedHeaders = { cookieName, setCookie }
    this.#transport.queue(clearSiteData === undefined ? headers : { ...headers, clearSiteData })
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

function clearSiteDataValue(given: EndOptions['clearSiteData']): string | undefined {
  if (given === undefined || given === false) return undefined
  const known: readonly SiteData[] = ['cache', 'cookies', 'storage', '*']
  const wanted = given === true ? (['cache', 'storage'] as const) : given
  if (!Array.isArray(wanted) || !wanted.every((kind) => known.includes(kind))) {
    throw new SessionError('ERR_CONFIG', `clearSiteData takes true or any of ${known.join(', ')}`)
  }
  return wanted.map((kind) => `"${kind}"`).join(', ')
}
