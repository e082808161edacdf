import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Plan, Report } from '../test/runtimes/results.ts'
import { PROBE } from './build.ts'
import { startChild } from './child.ts'
import { askFromOutside } from './from-outside.ts'

const TIMEOUT_MS = 8 * 60_000

/** Runs the plan on what `command` starts, and asks an app that it serves. */
export async function runProcess(command: readonly string[], plan: Plan): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'adjourn-runtimes-'))
  try {
    const [asked, reported] = [join(folder, 'plan.json'), join(folder, 'report.json')]
    await writeFile(asked, JSON.stringify(plan))
    await startChild([...command, PROBE, 'run', asked, reported], { timeout: TIMEOUT_MS }).ended
    const { runtime, results } = JSON.parse(await readFile(reported, 'utf8')) as Report
    return { runtime, results: { ...results, 'from-outside': await serveAndAsk(command) } }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function serveAndAsk(command: readonly string[]): ReturnType<typeof askFromOutside> {
  const server = startChild([...command, PROBE, 'serve'], { timeout: TIMEOUT_MS })
  try {
    const { at } = JSON.parse(await server.line) as { at: string }
    return await askFromOutside(at)
  } finally {
    server.stop()
  }
}
