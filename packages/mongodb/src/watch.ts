import type { Watch, WatchListener } from '@adjourn/core'
import type { ChangeStream, Collection, Db, Timestamp } from 'mongodb'
import { createBound, type Bound } from './bound.ts'
import { READ_ACKNOWLEDGED } from './concerns.ts'
import { EPOCH_ID, groupOf, type StoredDocument } from './document.ts'

export interface Source {
  readonly db: Db
  readonly collection: Collection<StoredDocument>
  readonly bound: Bound
  /** The store's bound, in seconds. */
  readonly timeout: number
}

/** What is left of a change; also of the collection's own, such as a drop, which has no key. */
interface Change {
  readonly operationType: string
  readonly documentKey?: { readonly _id: unknown }
}

type Changes = ChangeStream<StoredDocument, Change>

/** A place in the oplog at or past everything that was acknowledged before `asOf`. */
interface Mark {
  readonly asOf: number
  readonly place: string
}

/** How long the server waits for a change: `current` is said as often, twice as old at the most. */
const AWAIT_MS = 200
/** Between one mark and the next, however fast changes come. */
const MARK_MS = 100
const PAUSE_MS = { first: 50, most: 2000 } as const
/** What hangs is left behind: its connection goes with the client, or once TCP gives it up. */
const CLOSE_SECONDS = 1

// On the server, so that no data, secret or device travels. A touch is an update that leaves the
// version; an epoch is removed only when nobody needs it any more.
const PIPELINE = [
  {
    $match: {
      $or: [
        { operationType: { $nin: ['delete', 'update'] } },
        { operationType: 'delete', 'documentKey._id': { $not: EPOCH_ID } },
        { operationType: 'update', 'documentKey._id': EPOCH_ID },
        { operationType: 'update', 'updateDescription.updatedFields.version': { $exists: true } },
      ],
    },
  },
  { $project: { operationType: 1, 'documentKey._id': 1 } },
]

/**
 * Tells a listener of changes, by a change stream of its own. A stream that the driver cannot resume
 * is `lost` and replaced by one that starts afresh: what it would resume from is of no use, since
 * after `lost` a listener looks everything up again.
 */
export function watchChanges(source: Source, listener: WatchListener): Watch {
  const { db, collection, bound, timeout } = source
  const ending = new AbortController()
  const { signal } = ending
  const maxAwaitTimeMS = Math.ceil(Math.min(AWAIT_MS, (timeout * 1000) / 2))
  let failures = 0
  let closing: Promise<void> | undefined

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await follow().catch(() => {})
      if (signal.aborted) break
      listener.lost()
      const pauseMs = Math.min(PAUSE_MS.first * 2 ** failures++, PAUSE_MS.most)
      await pause(pauseMs, signal)
    }
    await closing
  }

  /** Follows one stream, to its end or to the feed's. */
  async function follow(): Promise<void> {
    const stream: Changes = collection.watch(PIPELINE, { ...READ_ACKNOWLEDGED, maxAwaitTimeMS })
    let next: Promise<Change | null> | undefined
    let asked = -Infinity
    let mark: Mark | undefined
    try {
      while (!signal.aborted) {
        if (mark === undefined && performance.now() - asked >= MARK_MS) {
          asked = performance.now()
          mark = await askMark(db, bound)
        }
        const change = await bound.once('watch', () => (next = stream.tryNext()))
        if (signal.aborted || !goesOn(stream, change)) return
        failures = 0
        if (change !== null) tell(listener, change)
        if (mark !== undefined && isPast(stream, mark, change === null)) {
          listener.current(mark.asOf)
          mark = undefined
        }
        // It may follow a node that has fallen behind since it was the primary.
        if (mark !== undefined && performance.now() - mark.asOf > timeout * 1000) return
      }
    } finally {
      closing = discard(stream, next)
    }
  }

  const running = run()
  return {
    async close() {
      ending.abort()
      const closed = createBound(CLOSE_SECONDS, () => {}).once('close', () => running)
      await closed.catch(() => {})
    },
  }
}

/**
 * Why `current` is true: everything acknowledged before `asOf` has its place in the oplog of the
 * primary that answers later, at or before the last write there; and a change stream gives what a
 * majority has in the order of the oplog, so that one which has come past that place has given it.
 * That a getMore came back empty proves less: a cursor stays with its node when that steps down, and
 * a new primary learns only after a while what a majority has. None on a mongos, whose last write
 * is nobody's.
 */
async function askMark(db: Db, bound: Bound): Promise<Mark | undefined> {
  const asOf = performance.now()
  const hello = await bound.repeated('watch', (signal) =>
    db.command({ hello: 1 }, { readPreference: 'primary', signal }),
  )
  const { isWritablePrimary, lastWrite } = hello as Hello
  if (isWritablePrimary !== true || lastWrite === undefined) return undefined
  const { t, i } = lastWrite.opTime.ts
  return { asOf, place: `82${hex(t)}${hex(i)}` }
}

interface Hello {
  readonly isWritablePrimary?: boolean
  readonly lastWrite?: { readonly opTime: { readonly ts: Timestamp } }
}

const hex = (word: number): string => word.toString(16).padStart(8, '0').toUpperCase()

/**
 * A token begins with its place in the oplog, since tokens sort by it: the type of a timestamp, and
 * its two words. One that looks different proves nothing.
 */
function isPast({ resumeToken }: Changes, { place }: Mark, drained: boolean): boolean {
  const { _data: data } = Object(resumeToken) as { readonly _data?: unknown }
  const [come] = /^82[\dA-F]{16}/.exec(String(data)) ?? []
  if (come === undefined) return false
  // A transaction has several changes at one place.
  return come > place || (come === place && drained)
}

/** Not once the collection was dropped or renamed: its documents are gone, and nobody is told. */
function goesOn(stream: Changes, change: Change | null): boolean {
  return change === null ? !stream.closed : change.documentKey !== undefined
}

function tell(listener: WatchListener, { operationType, documentKey }: Change): void {
  const id = String(documentKey?._id)
  const group = groupOf(id)
  if (group !== undefined) listener.revoked(group)
  else if (operationType === 'delete') listener.deleted(id)
  else listener.written(id)
}

/** Only when the driver is through with it: a cursor that is being opened cannot be closed. */
async function discard(stream: Changes, next: Promise<unknown> | undefined): Promise<void> {
  await Promise.allSettled([next])
  await stream.close().catch(() => {})
}

/** Keeps no process alive: the client may be closed for good. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, milliseconds).unref()
    signal.addEventListener('abort', end)
    if (signal.aborted) end()

    function end(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
  })
}
