import { cookieCases, lastCallCases, oldCookieCases } from './binding-cookie-cases.ts'
import { createServe, type Cases } from './binding-harness.ts'
import { lateCases } from './binding-late-cases.ts'
import { mountCases } from './binding-mount-cases.ts'
import { nativeCases } from './binding-native-cases.ts'
import { outageCases } from './binding-outage-cases.ts'
import type { BindingUnderTest } from './binding-port.ts'
import { badCookieCases, parallelCases } from './binding-request-cases.ts'
import { answerCases, headerCases } from './binding-response-cases.ts'
import { forgottenCases, mistakeCases } from './binding-warning-cases.ts'
import type { Runner } from './runner.ts'

const GROUPS: Readonly<Record<string, Cases>> = {
  'the session cookie': cookieCases,
  'several calls in one request': lastCallCases,
  'dead and stale cookies': oldCookieCases,
  'other headers': headerCases,
  'every kind of answer': answerCases,
  'data that is not saved': forgottenCases,
  'headers that have left, clients that have gone': lateCases,
  'a store that fails': outageCases,
  'bad cookies': badCookieCases,
  'requests at the same time': parallelCases,
  'mounted more than once': mountCases,
  'mistakes that make no error': mistakeCases,
}

/**
 * Registers the tests that every binding must pass: the clauses B1 to B60, one test each, and for
 * each of the framework's own ways of answering N1 to N3, or N4 where it is late. Each test starts
 * an app of its own and asks it over a socket, or in process. No test sleeps.
 *
 * @param runner The test runner's own functions.
 * @param binding How to start it, and what is its own.
 * @example
 * ```ts
 * import { bindingConformance } from '@adjourn/core/testing'
 * import type { StartBinding } from '@adjourn/core/testing'
 * import { describe, it } from 'vitest'
 *
 * declare const startWithMyFramework: StartBinding // serves the routes behind your middleware
 *
 * bindingConformance({ describe, it }, { start: startWithMyFramework })
 * ```
 */
export function bindingConformance(
  runner: Runner,
  { native = [], ...binding }: BindingUnderTest,
): void {
  const serve = createServe(binding)
  const register = (group: string, cases: Cases): void => {
    runner.describe(group, () => {
      for (const [name, run] of Object.entries(cases)) runner.it(name, () => run(serve))
    })
  }
  for (const [group, cases] of Object.entries(GROUPS)) register(group, cases)
  for (const each of native) register(each.name, nativeCases(each))
}
