import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { JsonTestResults } from 'vitest/node'
import { browserSettings, findBrowser, missingBrowser } from './browser-tests.ts'
import { type Outcome, root, run } from './run.ts'

const reportFile = 'node_modules/.cache/adjourn/tests.json'
const reportPath = join(root, reportFile)

const readReport = async (): Promise<JsonTestResults | undefined> => {
  try {
    return JSON.parse(await readFile(reportPath, 'utf8')) as JsonTestResults
  } catch {
    return undefined
  }
}

/** Tests that did not run, and files that failed before their tests did: both count as failed. */
const problemsIn = ({ testResults }: JsonTestResults): string[] =>
  testResults.flatMap(({ name, status, assertionResults }) => {
    const idle = assertionResults.filter(
      (test) => test.status !== 'passed' && test.status !== 'failed',
    )
    const broken = status === 'failed' && !assertionResults.some((test) => test.status === 'failed')
    return [
      ...idle.map((test) => `did not run (${test.status}): ${test.fullName}, in ${name}`),
      ...(broken ? [`failed outside its tests: ${name}`] : []),
    ]
  })

/** Runs every test and resolves to the outcome, with `Tests: N passed, N failed` as its summary's last line. */
export const runTests = async (
  onProgress: (words: string) => void,
): Promise<Outcome & { readonly summary: string }> => {
  await rm(reportPath, { force: true })
  const browser = await findBrowser(onProgress)
  const left = browser.kind === 'found' ? [] : [missingBrowser(browser)]
  if (browser.kind === 'failed') {
    return { ok: false, output: left.join(''), summary: 'Tests: 0 passed, 1 failed' }
  }
  const { flags, env } = browserSettings(browser)
  let files = 0
  const { ok, output } = await run(
    `vitest run --reporter=default --reporter=json --outputFile.json=${reportFile}${flags}`,
    (text) => {
      files += text.match(/\.test\.ts \(\d+ tests?/g)?.length ?? 0
      onProgress(`${files} files done`)
    },
    env,
  )

  const report = await readReport()
  const passed = report?.numPassedTests ?? 0
  const problems = report === undefined ? ['vitest wrote no report'] : problemsIn(report)
  if (passed === 0) problems.push('no test passed')
  const counted = (report?.numFailedTests ?? 0) + problems.length
  // Vitest also fails for errors outside of any test, such as an unhandled rejection.
  const failed = ok ? counted : Math.max(counted, 1)
  return {
    ok: failed === 0,
    output: [output.trimEnd(), ...problems].join('\n'),
    summary: [...left, `Tests: ${passed} passed, ${failed} failed`].join('\n'),
  }
}
