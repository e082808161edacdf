import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, isAbsolute, join } from 'node:path'

/** Longer than any build takes: a draft as old as this was left by a run that was killed. */
const ABANDONED_AFTER_MS = 60 * 60_000

/** Something that is put together once and kept in a folder of the user's cache. */
export interface Cached<T> {
  readonly folder: string
  /** Rejects unless what is in the folder works: a cache can outlive the system it was made on. */
  open(folder: string): Promise<T>
  /** Puts it together in `ready`; `scratch` is for what is needed on the way. */
  build(scratch: string, ready: string): Promise<void>
}

export function cacheFolder(name: string): string {
  const xdg = process.env['XDG_CACHE_HOME'] ?? ''
  // The XDG specification wants relative paths ignored.
  const root = isAbsolute(xdg) ? xdg : join(homedir(), '.cache')
  return join(root, 'adjourn', name)
}

export async function openCached<T>(cached: Cached<T>): Promise<T | undefined> {
  return cached.open(cached.folder).catch(() => undefined)
}

/** Builds it anew. No other run ever sees half of it. */
export async function fillCache<T>(cached: Cached<T>): Promise<T> {
  const { folder } = cached
  await mkdir(dirname(folder), { recursive: true })
  await removeAbandonedDrafts(folder)
  // Beside its destination, because a rename is atomic only within one file system.
  const draft = await mkdtemp(draftPrefix(folder))
  try {
    const ready = join(draft, 'ready')
    await mkdir(ready)
    await cached.build(draft, ready)
    await publish(cached, ready, draft)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return cached.open(folder)
}

function draftPrefix(folder: string): string {
  return `${folder}.draft-`
}

async function removeAbandonedDrafts(folder: string): Promise<void> {
  const parent = dirname(folder)
  const prefix = basename(draftPrefix(folder))
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix)) continue
    const path = join(parent, name)
    const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now())
    if (age > ABANDONED_AFTER_MS) await rm(path, { recursive: true, force: true })
  }
}

async function publish<T>(cached: Cached<T>, ready: string, draft: string): Promise<void> {
  const { folder } = cached
  try {
    await rename(ready, folder)
  } catch {
    // Another run was first. Its copy may be in use by now, so it stays if it is any good.
    if ((await openCached(cached)) !== undefined) return
    await rename(folder, join(draft, 'broken'))
    await rename(ready, folder)
  }
}
