/**
 * Run on Node, Bun and Deno alike, bundled and with the packages as they are published:
 * `probe.js run <plan> <report>` runs what the file says and writes the report; `probe.js serve`
 * serves an app, and says where.
 */
import { memoryStore } from '@adjourn/core'
import { readFile, writeFile } from 'node:fs/promises'
import { collect, type Plan, type Report, type SuiteResults } from './results.ts'
import { runtimeName, serve } from './serve.ts'
import { createShop } from './shop.ts'
import { suites } from './suites.ts'

async function runPlan({ mongodb, suites: wanted }: Plan): Promise<Report> {
  const results: Record<string, SuiteResults> = {}
  for (const [name, leftOut] of Object.entries(wanted)) {
    const suite = suites[name]
    if (suite === undefined) throw new Error(`There is no suite ${name}`)
    const { register, close } = await suite(mongodb)
    results[name] = await collect(register, leftOut)
    await close?.()
  }
  return { runtime: runtimeName, results }
}

const [mode, plan = '', report = ''] = process.argv.slice(2)
// Hono shows every error that it answers with 500, and the suites make many.
console.error = () => {}
if (mode === 'serve') {
  const { at } = await serve(createShop(memoryStore()))
  console.log(JSON.stringify({ runtime: runtimeName, at }))
} else {
  const done = await runPlan(JSON.parse(await readFile(plan, 'utf8')) as Plan)
  await writeFile(report, JSON.stringify(done))
}
