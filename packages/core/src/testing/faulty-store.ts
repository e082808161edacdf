import { SessionError, type SessionStore } from '../index.ts'
import { createFaultyFeed } from './faulty-feed.ts'

/** A method of the store port. */
export type StoreOperation = Exclude<keyof SessionStore, symbol>

/** A call that a {@link FaultyStore} received. */
export interface StoreCall {
  /** Which method was called. */
  readonly operation: StoreOperation
  /** What it was called with. */
  readonly args: readonly unknown[]
  /** Whether the store underneath has done it, whatever the caller was told. */
  readonly done: boolean
}

/** Where in a call something happens: before the store underneath is called, or after it answered. */
export type StoreMoment = 'before' | 'after'

/** How calls fail. */
export interface FailOptions {
  /** How many calls fail. Default: all until `restore`. */
  readonly times?: number
  /**
   * `before` (the default) is a lost request: nothing is written. `after` is a lost answer: it is
   * written, and the caller sees an error all the same.
   */
  readonly when?: StoreMoment
  /** What the caller gets. Default: a `SessionError` with `ERR_STORE_UNAVAILABLE`. */
  readonly error?: unknown
}

/** How calls stand still. */
export interface PauseOptions {
  /** How many calls stop. Default: 1; `Infinity` is a store that hangs. */
  readonly times?: number
  /** `after`: it is written already. Default: `before`. */
  readonly when?: StoreMoment
}

/**
 * A session store with switches. Where several are set for one operation, a pause comes before a
 * failure, and of two of a kind the one that was set first is used up first.
 *
 * `watch` stands for the feed as a whole, whatever `times` and `when` say. `fail` loses it: everybody
 * hears `lost`, and then nothing until `restore`; what has happened meanwhile is never told. `pause`
 * hangs it: everybody hears nothing until `release`, and then all that was held back, in order. A
 * feed that is complete for good says so four times a second here, so that a pause can be noticed.
 */
export interface FaultyStore extends SessionStore {
  /** Every call, in the order of arrival. */
  readonly calls: readonly StoreCall[]
  /**
   * Makes calls of an operation, or of every operation, fail. All without `times` loses the feed.
   *
   * @param operation Which calls.
   * @param options How many, when and with what. Default: all, before, unavailable.
   */
  fail(operation: StoreOperation | 'all', options?: FailOptions): void
  /**
   * Makes the next calls of an operation stop until `release`.
   *
   * @param operation Which calls.
   * @param options How many and when. Default: one, before.
   */
  pause(operation: StoreOperation, options?: PauseOptions): void
  /**
   * Resolves once so many calls of the operation, or so many words of the feed, stand still, at once
   * if they do already.
   *
   * @param operation Which calls.
   * @param count How many. Default: 1.
   */
  reached(operation: StoreOperation, count?: number): Promise<void>
  /**
   * Lets calls that stand still go on, the oldest first. Default: all of them.
   *
   * @param operation Which calls. Default: of every operation.
   * @param count How many. Default: all of them.
   */
  release(operation?: StoreOperation, count?: number): void
  /** Takes back all that was set, and lets everything go on. */
  restore(): void
}

interface Rule {
  readonly operation: StoreOperation | 'all'
  readonly when: StoreMoment
  left: number
}

interface Failure extends Rule {
  readonly error: unknown
}

interface Stopped {
  readonly operation: StoreOperation
  goOn(): void
}

interface Waiter {
  readonly operation: StoreOperation
  readonly count: number
  resolve(): void
}

/**
 * Wraps a store so that a test decides which calls fail, hang or wait for each other: outages,
 * answers that get lost and any interleaving, without a timer.
 *
 * @param inner The store that does the work.
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { memoryStore, type Session } from '@adjourn/core'
 * import { faultyStore } from '@adjourn/core/testing'
 *
 * declare const session: Session // of `createSessions({ store, … })`
 *
 * const store = faultyStore(memoryStore())
 * store.pause('update')
 * const saving = session.save()
 * await store.reached('update') // the save has read, and is about to write
 * await sessions.revokeAll('ann')
 * store.release('update')
 * await assert.rejects(saving, { code: 'ERR_SESSION_ENDED' })
 * ```
 */
export function faultyStore(inner: SessionStore): FaultyStore {
  const calls: (StoreCall & { done: boolean })[] = []
  const failures: Failure[] = []
  const pauses = createPauses()
  const feed = createFaultyFeed(inner, (goOn) => pauses.pass(goOn))

  async function pass(operation: StoreOperation, when: StoreMoment): Promise<void> {
    await pauses.stop(operation, when)
    const failure = take(failures, operation, when)
    if (failure !== undefined) throw failure.error
  }

  async function run<T>(
    operation: StoreOperation,
    args: readonly unknown[],
    call: () => Promise<T>,
  ): Promise<T> {
    const entry = { operation, args, done: false }
    calls.push(entry)
    await pass(operation, 'before')
    const answer = await call()
    entry.done = true
    await pass(operation, 'after')
    return answer
  }

  return {
    calls,
    fail(operation, { times = Infinity, when = 'before', error = lost(operation) } = {}) {
      failures.push({ operation, when, left: times, error })
      if (operation === 'watch' || (operation === 'all' && times === Infinity)) feed.lose()
    },
    pause: pauses.add,
    reached: pauses.reached,
    release: pauses.release,
    restore() {
      failures.length = 0
      pauses.restore()
      feed.restore()
    },
    read: (...args) => run('read', args, () => inner.read(...args)),
    insert: (...args) => run('insert', args, () => inner.insert(...args)),
    update: (...args) => run('update', args, () => inner.update(...args)),
    touch: (...args) => run('touch', args, () => inner.touch(...args)),
    delete: (...args) => run('delete', args, () => inner.delete(...args)),
    list: (...args) => run('list', args, () => inner.list(...args)),
    revoke: (...args) => run('revoke', args, () => inner.revoke(...args)),
    purge: (...args) => run('purge', args, () => inner.purge(...args)),
    ...(inner.watch && {
      watch(...args) {
        calls.push({ operation: 'watch', args, done: true })
        return feed.watch(...args)
      },
    }),
    close: () => run('close', [], async () => inner.close?.()),
  }
}

interface Pauses {
  add: FaultyStore['pause']
  reached: FaultyStore['reached']
  release: FaultyStore['release']
  restore(): void
  stop(operation: StoreOperation, when: StoreMoment): Promise<void>
  /** Has the feed go on, as soon as it does not stand still. */
  pass(goOn: () => void): void
}

function createPauses(): Pauses {
  const rules: Rule[] = []
  let stopped: Stopped[] = []
  let waiters: Waiter[] = []
  let feedHangs = false

  function enough({ operation, count }: Pick<Waiter, 'operation' | 'count'>): boolean {
    return stopped.filter((call) => call.operation === operation).length >= count
  }

  function stand(call: Stopped): void {
    stopped.push(call)
    const served = waiters.filter(enough)
    waiters = waiters.filter((waiter) => !served.includes(waiter))
    for (const waiter of served) waiter.resolve()
  }

  function release(operation?: StoreOperation, count = Infinity): void {
    if (count === Infinity && (operation ?? 'watch') === 'watch') feedHangs = false
    const free = stopped
      .filter((call) => operation === undefined || call.operation === operation)
      .slice(0, count)
    stopped = stopped.filter((call) => !free.includes(call))
    for (const call of free) call.goOn()
  }

  return {
    release,
    add(operation, { times = 1, when = 'before' } = {}) {
      if (operation === 'watch') feedHangs = true
      else rules.push({ operation, when, left: times })
    },
    async reached(operation, count = 1) {
      if (enough({ operation, count })) return
      await new Promise<void>((resolve) => waiters.push({ operation, count, resolve }))
    },
    restore() {
      rules.length = 0
      release()
    },
    async stop(operation, when) {
      if (take(rules, operation, when) === undefined) return
      await new Promise<void>((goOn) => stand({ operation, goOn }))
    },
    pass(goOn) {
      if (feedHangs) stand({ operation: 'watch', goOn })
      else goOn()
    },
  }
}

/** The first rule that applies, one use of it taken. */
function take<R extends Rule>(
  rules: readonly R[],
  operation: StoreOperation,
  when: StoreMoment,
): R | undefined {
  const rule = rules.find(
    (each) =>
      each.left > 0 &&
      each.when === when &&
      (each.operation === operation || each.operation === 'all'),
  )
  if (rule !== undefined) rule.left--
  return rule
}

function lost(operation: StoreOperation | 'all'): SessionError {
  const what = operation === 'all' ? 'every call' : operation
  return new SessionError('ERR_STORE_UNAVAILABLE', `The test makes ${what} fail`)
}
