import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { blocksOf } from '../test/docs/documents.ts'
import { unpackPackages } from './build.ts'
import { startChild, type Child } from './child.ts'

/** Where Next and what else the app needs are installed. */
export const NEXT: string = join(import.meta.dirname, 'next')

const EXAMPLES = join(import.meta.dirname, '..', 'examples')
const APP = join(NEXT, '.built')
const OURS = join(APP, 'node_modules', '@adjourn')

const DOCUMENT = 'docs/frameworks.md'
/** The blocks of the document that are files of the app, by their first line. */
const SHOWN = ['app/orders/[id]/route.ts', 'app/current-session.ts']

const BUILD_MS = 4 * 60_000
const SERVE_MS = 3 * 60_000

const SETTINGS = {
  NODE_ENV: 'production',
  // Without it Next installs what it misses, tells its makers what it builds, and asks the registry.
  CI: '1',
  NEXT_TELEMETRY_DISABLED: '1',
  NEXT_IGNORE_INCORRECT_LOCKFILE: '1',
}

interface ServedApp {
  readonly at: string
  stop(): void
}

/** Puts the app together: the example's sources, what the documents show, and a page. */
export async function buildApp(env: NodeJS.ProcessEnv): Promise<void> {
  await rm(APP, { recursive: true, force: true })
  await unpackPackages(OURS, ['core', 'fetch', 'sqlite'])
  await cp(join(EXAMPLES, 'accounts'), join(OURS, 'example-accounts'), { recursive: true })
  await cp(join(EXAMPLES, 'next', 'src'), join(APP, 'src'), { recursive: true })
  await cp(join(NEXT, 'app'), APP, { recursive: true })
  for (const path of SHOWN) await writeShown(path)
  await next(['build'], { env, timeout: BUILD_MS }).ended
}

/** Serves the app that was built, on a free port. Resolves to its address. */
export async function serveApp(env: NodeJS.ProcessEnv): Promise<ServedApp> {
  const address = /http:\/\/127\.0\.0\.1:\d+/
  const args = ['start', '--hostname', '127.0.0.1', '--port', '0']
  const server = next(args, { env, timeout: SERVE_MS, awaited: address })
  return { at: address.exec(await server.line)?.[0] ?? '', stop: () => server.stop() }
}

async function writeShown(path: string): Promise<void> {
  const blocks = await blocksOf(DOCUMENT)
  const block = blocks.find(({ code }) => code.startsWith(`// ${path}\n`))
  if (block === undefined) throw new Error(`${DOCUMENT} shows no ${path}`)
  const file = join(APP, 'src', path)
  const up = '../'.repeat(path.split('/').length - 1)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `import { sessions } from '${up}sessions.ts'\n${block.code}`)
}

interface Options {
  readonly env: NodeJS.ProcessEnv
  readonly timeout: number
  readonly awaited?: RegExp
}

function next(args: readonly string[], { env, ...options }: Options): Child {
  const command = join(NEXT, 'node_modules', 'next', 'dist', 'bin', 'next')
  return startChild([process.execPath, command, ...args], {
    cwd: APP,
    env: { ...process.env, ...SETTINGS, ...env },
    ...options,
  })
}
