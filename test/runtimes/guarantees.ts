import type { Runner } from '@adjourn/core/testing'
import { endingSteps } from './ending-steps.ts'
import { sessionSteps } from './session-steps.ts'
import { stepTests, type Data } from './steps.ts'
import { tokenSteps } from './token-steps.ts'

const GROUPS = { session: sessionSteps, ending: endingSteps, tokens: tokenSteps }

/** The guarantees, as an app on Hono sees them, over one store. */
export function guarantees(data: Data): (runner: Runner) => void {
  return (runner) => stepTests(runner, GROUPS, data)
}
