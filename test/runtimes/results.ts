import type { Runner } from '@adjourn/core/testing'

/** `passed`, or why it failed; by the test's name. */
export type SuiteResults = Readonly<Record<string, string>>

/** What a runtime found: nothing in it depends on the runtime, the time or chance. */
type Results = Readonly<Record<string, SuiteResults>>

/** What a runtime is asked to run. */
export interface Plan {
  /** The address of a MongoDB. */
  readonly mongodb: string
  /** The suites, and in each the beginnings of the names of tests that are not run. */
  readonly suites: Readonly<Record<string, readonly string[]>>
}

/** What it answers. */
export interface Report {
  /** Its name and version, as it says itself. */
  readonly runtime: string
  readonly results: Results
}

type Register = (runner: Runner) => void

interface Test {
  readonly name: string
  readonly body: () => Promise<void>
}

const TIMEOUT_MS = 20_000

/**
 * Runs suites made for a test runner, without one: the tests in their order, one after the other.
 *
 * @param leftOut Beginnings of the names of tests that are not run. Default: none.
 */
export async function collect(
  register: Register,
  leftOut: readonly string[] = [],
): Promise<SuiteResults> {
  const results: Record<string, string> = {}
  for (const { name, body } of testsOf(register)) {
    if (leftOut.some((beginning) => name.startsWith(beginning))) continue
    const isKnown = Object.hasOwn(results, name)
    results[name] = isKnown ? 'failed: two tests have this name' : await outcome(body)
  }
  return results
}

function testsOf(register: Register): Test[] {
  const tests: Test[] = []
  let path: readonly string[] = []
  register({
    describe(name, body) {
      const outer = path
      path = [...outer, name]
      body()
      path = outer
    },
    it: (name, body) => tests.push({ name: [...path, name].join(' > '), body }),
  })
  return tests
}

async function outcome(body: () => Promise<void>): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_resolve, reject) => {
    const error = new Error(`no end within ${TIMEOUT_MS / 1000} s`)
    timer = setTimeout(() => reject(error), TIMEOUT_MS)
  })
  try {
    await Promise.race([body(), late])
    return 'passed'
  } catch (error) {
    return `failed: ${error instanceof Error ? error.message : String(error)}`
  } finally {
    clearTimeout(timer)
  }
}
