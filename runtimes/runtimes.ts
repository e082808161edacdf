import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../tools/command.ts'
import type { Plan, Report } from '../test/runtimes/results.ts'
import { NEXT } from './next-build.ts'
import { runNext } from './next-runtime.ts'
import { runProcess } from './process-runtime.ts'
import { runWorkers } from './worker-runtime.ts'

/** Beginnings of names of tests by suite, each with the reason why it is not run. */
type LeftOut = Readonly<Record<string, Readonly<Record<string, string>>>>

export interface Runtime {
  readonly name: 'Node' | 'Bun' | 'Deno' | 'workerd' | 'Next.js'
  readonly version: string
  readonly suites: readonly string[]
  /** What is compared to no other's: its tests have to pass, and that is all. */
  readonly own: readonly string[]
  readonly leftOut: LeftOut
  run(plan: Plan): Promise<Report>
}

const ALL = [
  'guarantees-memory',
  'guarantees-sqlite',
  'guarantees-mongodb',
  'store-memory',
  'store-sqlite',
  'store-mongodb',
  'hono-in-process',
  'hono-over-sockets',
  'hono-mongodb',
]

const COOKIE_HEADERS = {
  'bad cookies > B50': 'its Request joins several Cookie headers by commas, as Fetch has it',
}

const DENO_IN_PROCESS = {
  ...COOKIE_HEADERS,
  'a fetched Response, which is immutable': 'its fetch drops the reason phrase of the answer',
  'a fetched Response without a body': 'its fetch drops the reason phrase of the answer',
}

const HEADERS_WAIT = 'its server sends the headers with the first part of the body, so none is late'

const DENO_ARGS = ['run', '--allow-all', '--node-modules-dir=manual']

const installed = (...path: string[]): string => join(import.meta.dirname, 'node_modules', ...path)

/** All that are tested, in the versions that package.json pins. All others are compared to the first. */
export async function listRuntimes(log: Log): Promise<readonly Runtime[]> {
  const { dependencies } = await readPackage(import.meta.dirname)
  const pinned = (name: string): string => dependencies[name]?.split('@').at(-1) ?? ''
  const { version: workerd } = await readPackage(installed('workerd'))
  const { dependencies: beside } = await readPackage(NEXT)
  const everything = { suites: ALL, own: ['from-outside'], leftOut: {} }
  const node = (version: string, command: string): Runtime => ({
    name: 'Node',
    version,
    ...everything,
    run: (plan) => runProcess([command], plan),
  })
  return [
    node(process.versions.node, process.execPath),
    node(pinned('node22'), installed('node22', 'bin', 'node')),
    node(pinned('node26'), installed('node26', 'bin', 'node')),
    {
      name: 'Bun',
      version: pinned('bun'),
      ...everything,
      leftOut: {
        'hono-over-sockets': {
          'an end inside of stream()': HEADERS_WAIT,
          'an end inside of a ReadableStream': HEADERS_WAIT,
        },
      },
      run: (plan) => runProcess([installed('bun', 'bin', 'bun.exe')], plan),
    },
    {
      name: 'Deno',
      version: pinned('deno'),
      ...everything,
      leftOut: { 'hono-in-process': DENO_IN_PROCESS, 'hono-mongodb': DENO_IN_PROCESS },
      run: (plan) => runProcess([installed('deno', 'deno'), ...DENO_ARGS], plan),
    },
    {
      name: 'workerd',
      version: workerd,
      suites: ['guarantees-memory', 'store-memory', 'hono-in-process'],
      own: ['requests', 'from-outside'],
      leftOut: { 'hono-in-process': COOKIE_HEADERS },
      run: (plan) => runWorkers(workerd, plan),
    },
    {
      name: 'Next.js',
      version: beside['next'] ?? '',
      suites: [],
      own: ['next'],
      leftOut: {},
      run: () => runNext(log),
    },
  ]
}

interface Package {
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
}

async function readPackage(folder: string): Promise<Package> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Package
}
