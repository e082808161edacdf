import type { GroupEpoch, Revocation, SessionsOptions, SessionStore } from '@adjourn/core'
import { Monitor } from './monitor.ts'
import type { Operation } from './operations.ts'
import { Turnstile, type Choose, type Waiting } from './turnstile.ts'
import { clock, Stage } from './stage.ts'
import { plant, type Answer, type World } from './world.ts'

export interface Contender {
  readonly operation: Operation
  readonly target: 'a' | 'b'
}

/** A store operation as it was run. */
export interface Step {
  readonly actor: number
  readonly operation: Waiting['operation']
  /** It wrote an epoch. */
  readonly written: boolean
}

/** Everything that there is to judge a race by. */
export interface Outcome {
  readonly world: World
  readonly contenders: readonly Contender[]
  readonly answers: readonly Answer[]
  readonly steps: readonly Step[]
  readonly monitor: Monitor
}

const stage = new Stage()

/** Runs the contenders against each other, in a store that has none of the world's sessions. */
export async function race(
  { store, world }: { store: SessionStore; world: World },
  contenders: readonly Contender[],
  choose: Choose,
): Promise<Outcome> {
  await plant(world, store)
  clock.set(world.at)
  stage.enter('monitor', store)
  // No touches: looking must not keep a session alive.
  const monitor = new Monitor(stage.sessions('monitor', { touchAfter: 3599 }), world)
  const turnstile = new Turnstile()
  const answers: Answer[] = []
  for (const [actor, { operation, target }] of contenders.entries()) {
    const part = `actor-${actor}`
    stage.enter(part, turnstile.wrap(store, actor))
    const sessions = (options?: Partial<SessionsOptions>) => stage.sessions(part, options)
    const scene = { world, target, key: `key-${actor}`, sessions }
    turnstile.start(async () => {
      const answer = await operation.run(scene)
      answers[actor] = answer
      monitor.receive(answer)
    })
  }
  const steps: Step[] = []
  for (await turnstile.quiet(); turnstile.waiting.length > 0; await turnstile.quiet()) {
    const [next] = turnstile.waiting.splice(choose(turnstile.waiting.length), 1)
    if (next === undefined) throw new Error('The schedule chose an operation that does not wait')
    const answer = await next.go()
    steps.push({ ...next, written: next.operation === 'revoke' && wasWritten(next.given, answer) })
    if (next.operation !== 'read' && next.operation !== 'list') await monitor.look()
  }
  await monitor.look()
  return { world, contenders, answers, steps, monitor }
}

/** Whether a `revoke` wrote anything: one that was to spare a dead session did not. */
function wasWritten(given: readonly unknown[], answer: unknown): boolean {
  const [{ except }] = given as [Revocation]
  return !except?.required || (answer as GroupEpoch).keep.includes(except.id)
}
