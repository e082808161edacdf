import { Miniflare } from 'miniflare'
import { startUpstream } from '../test/conformance/bindings/upstream.ts'
import type { Plan, Report, SuiteResults } from '../test/runtimes/results.ts'
import { bundleWorker } from './build.ts'
import { askFromOutside } from './from-outside.ts'
import { askRequests, openGate } from './worker-requests.ts'

/** The worker that has a suite: one stands on the Web alone, the other has Node's modules. */
const WORKERS = [
  { name: 'worker-web', suites: ['guarantees-memory'], flags: [] },
  { name: 'worker-suites', suites: ['store-memory', 'hono-in-process'], flags: ['nodejs_compat'] },
]

const COMPATIBILITY_DATE = '2026-07-01'

/** Runs the plan on workerd, and asks a worker over a socket. */
export async function runWorkers(version: string, { suites }: Plan): Promise<Report> {
  const results: Record<string, SuiteResults> = { requests: await requests() }
  const upstream = await startUpstream()
  try {
    for (const { name, suites: own, flags } of WORKERS) {
      const worker = await startWorker(name, { flags, bindings: { UPSTREAM: upstream.at } })
      try {
        for (const suite of own) results[suite] = await ask(worker, suite, suites[suite] ?? [])
        if (flags.length === 0) results['from-outside'] = await askFromOutside(await at(worker))
      } finally {
        await worker.dispose()
      }
    }
  } finally {
    await upstream.close()
  }
  return { runtime: `workerd ${version}`, results }
}

interface WorkerOptions {
  readonly flags?: readonly string[]
  readonly bindings?: Readonly<Record<string, string>>
}

async function startWorker(
  name: string,
  { flags = [], bindings = {} }: WorkerOptions = {},
): Promise<Miniflare> {
  const worker = new Miniflare({
    modules: true,
    script: await bundleWorker(name),
    compatibilityDate: COMPATIBILITY_DATE,
    compatibilityFlags: flags,
    bindings,
    host: '127.0.0.1',
    port: 0,
    // Else it asks Cloudflare what a request from here would look like there.
    cf: false,
    // Hono shows every error that it answers with 500, and the suites make many.
    handleRuntimeStdio: (stdout, stderr) => {
      stdout.resume()
      stderr.resume()
    },
  })
  await worker.ready
  return worker
}

async function requests(): Promise<SuiteResults> {
  const gate = await openGate()
  const worker = await startWorker('worker-requests', { bindings: { UPSTREAM: gate.at } })
  try {
    return await askRequests(await at(worker), gate)
  } finally {
    await worker.dispose()
    await gate.close()
  }
}

async function at(worker: Miniflare): Promise<string> {
  return String(await worker.ready)
}

async function ask(
  worker: Miniflare,
  suite: string,
  leftOut: readonly string[],
): Promise<SuiteResults> {
  const url = new URL(`/suites/${suite}`, await at(worker))
  const body = JSON.stringify(leftOut)
  const signal = AbortSignal.timeout(180_000)
  const response = await fetch(url, { method: 'POST', body, signal })
  if (!response.ok) throw new Error(`workerd answered ${suite} with ${response.status}`)
  return (await response.json()) as SuiteResults
}
