import { sessionEnded, type SessionError } from './errors.ts'
import type { Expire } from './expiry.ts'
import type { Feed } from './feed.ts'
import { deadline, groupNames, standing, type SessionRecord } from './record.ts'
import type { SessionStore } from './store.ts'

/** The signals of sessions that somebody has asked for: one a session, until it is over. */
export interface Signals {
  of(record: SessionRecord): AbortSignal
  /** Nobody looks any more: all abort. */
  close(): void
}

interface Watched {
  readonly id: string
  readonly controller: AbortController
  groups: readonly string[]
  /** Milliseconds since the epoch. */
  deadline: number
  /** Has to be looked up. */
  isDoubtful: boolean
  isLookedUp: boolean
}

interface Surroundings {
  readonly store: Pick<SessionStore, 'read'>
  readonly feed: Feed
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly absoluteTimeout: number
  readonly expire: Expire
}

/** In milliseconds: how often expiry is looked at, and the store where its feed does not tell. */
const LOOK_EVERY = 500

/** At a time, so that requests do not wait behind all of them. */
const MOST_LOOKUPS = 200

export function createSignals(around: Surroundings): Signals {
  return new SessionSignals(around)
}

class SessionSignals implements Signals {
  readonly #around: Surroundings
  readonly #all = new Map<string, Watched>()
  readonly #waiting = new Set<Watched>()
  #underWay = 0
  /** When all were looked up last, by `performance.now()`. */
  #swept = -Infinity
  #ticker: ReturnType<typeof setInterval> | undefined
  #closed: SessionError | undefined

  constructor(around: Surroundings) {
    this.#around = around
    around.feed.add({
      // What listens to a signal is the app's, and may call the store: not before it has told.
      deleted: (id) => queueMicrotask(() => this.#abort(id, sessionEnded('its record is gone'))),
      written: (id) => {
        const watched = this.#all.get(id)
        if (watched !== undefined) this.#doubt([watched])
      },
      revoked: (group) => this.#doubt(this.#where(({ groups }) => groups.includes(group))),
      live: () => this.#sweep(),
    })
  }

  of(record: SessionRecord): AbortSignal {
    if (this.#closed !== undefined) return AbortSignal.abort(this.#closed)
    const known = this.#all.get(record.id)
    if (known !== undefined) return known.controller.signal
    this.#around.feed.start()
    const watched: Watched = {
      id: record.id,
      controller: new AbortController(),
      groups: groupNames(record),
      deadline: deadline(record, this.#around.absoluteTimeout),
      isDoubtful: true,
      isLookedUp: false,
    }
    this.#all.set(record.id, watched)
    this.#ticker ??= inBackground(setInterval(() => this.#tick(), LOOK_EVERY))
    // What has happened since the request loaded it, nobody has told.
    this.#doubt([watched])
    return watched.controller.signal
  }

  close(): void {
    this.#closed = sessionEnded('nobody watches it any more, as its Sessions are closed')
    for (const id of this.#all.keys()) this.#abort(id, this.#closed)
  }

  #abort(id: string, reason: SessionError): void {
    const watched = this.#all.get(id)
    if (watched === undefined) return
    this.#all.delete(id)
    if (this.#all.size === 0) {
      clearInterval(this.#ticker)
      this.#ticker = undefined
    }
    watched.controller.abort(reason)
  }

  #where(isMeant: (watched: Watched) => boolean): Watched[] {
    return [...this.#all.values()].filter(isMeant)
  }

  #tick(): void {
    if (!this.#around.feed.isCurrent) return this.#sweep()
    const now = this.#around.now()
    this.#doubt(this.#where(({ isDoubtful, deadline: end }) => isDoubtful || end <= now))
  }

  /** Looks all up, and no more often than it ticks, however often a feed is lost and back. */
  #sweep(): void {
    const now = performance.now()
    const isEarly = now - this.#swept < LOOK_EVERY
    if (isEarly) {
      for (const watched of this.#all.values()) watched.isDoubtful = true
    } else {
      this.#swept = now
      this.#doubt(this.#all.values())
    }
  }

  #doubt(some: Iterable<Watched>): void {
    for (const watched of some) {
      watched.isDoubtful = true
      this.#waiting.add(watched)
    }
    this.#lookUpNext()
  }

  #lookUpNext(): void {
    for (const watched of this.#waiting) {
      if (this.#underWay >= MOST_LOOKUPS) return
      this.#waiting.delete(watched)
      this.#underWay++
      void this.#lookUp(watched).finally(() => {
        this.#underWay--
        this.#lookUpNext()
      })
    }
  }

  async #lookUp(watched: Watched): Promise<void> {
    // Who looks it up at the moment looks again.
    if (watched.isLookedUp) return
    watched.isLookedUp = true
    try {
      // Nor is the store read before it has told.
      await Promise.resolve()
      while (watched.isDoubtful && this.#all.has(watched.id)) {
        watched.isDoubtful = false
        const why = await whyOver(watched, this.#around)
        if (why !== undefined) this.#abort(watched.id, sessionEnded(why))
        // Expired and not over: the next tick finds out, as this may go on as long as it is asked.
        else if (watched.deadline <= this.#around.now()) break
      }
    } catch {
      // The store does not answer: looked at again with the next tick.
      watched.isDoubtful = true
    } finally {
      watched.isLookedUp = false
    }
  }
}

/** Why a watched session is over; undefined: it lives. Brings what is known of it up to date. */
async function whyOver(
  watched: Watched,
  { store, now, absoluteTimeout, expire }: Omit<Surroundings, 'feed'>,
): Promise<string | undefined> {
  const { record, epochs } = await store.read(watched.id, watched.groups)
  if (record === undefined) return 'its record is gone'
  const groups = groupNames(record)
  // Those that it has joined since have to be read too.
  if (!groups.every((group) => watched.groups.includes(group))) watched.isDoubtful = true
  watched.groups = groups
  watched.deadline = deadline(record, absoluteTimeout)
  const state = standing(record, epochs, { now: now(), absoluteTimeout })
  if (state === 'revoked') return 'it has been revoked'
  // It may have been seen on another node just now.
  return state === 'expired' && (await expire(record)) ? 'it has expired' : undefined
}

/** Where a timer can keep a process alive, this one does not. */
function inBackground(timer: ReturnType<typeof setInterval>): ReturnType<typeof setInterval> {
  const handle: unknown = timer
  if (typeof handle === 'object') (handle as { unref?: () => void }).unref?.()
  return timer
}
