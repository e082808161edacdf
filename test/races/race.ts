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
interface Step {
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

type Who = 'a' | 'b' | 'stranger' | 'visitor'

/** Whose sessions a contender ends. Who may leave the tag in time is not counted. */
export function endedBy(
  { operation, target }: Contender,
  contenders: readonly Contender[],
): readonly Who[] {
  const leavers = new Set(contenders.flatMap((of) => (of.operation.leaves ? [of.target] : [])))
  const over: Record<Operation['ends'], readonly Who[]> = {
    nobody: [],
    target: [target],
    others: [target === 'a' ? 'b' : 'a'],
    user: ['a', 'b'],
    tagged: (['a', 'b'] as const).filter((browser) => !leavers.has(browser)),
    everyone: ['a', 'b', 'stranger', 'visitor'],
  }
  return over[operation.ends]
}

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
  const leaving = contenders.some(({ operation }) => operation.leaves)
  for (await turnstile.quiet(); turnstile.waiting.length > 0; await turnstile.quiet()) {
    const [next] = turnstile.waiting.splice(choose(turnstile.waiting), 1)
    if (next === undefined) throw new Error('The schedule chose an operation that does not wait')
    const answer = await next.go()
    const written = next.operation === 'revoke' && wasWritten(next.given, answer)
    steps.push({ ...next, written })
    if (next.operation !== 'read' && next.operation !== 'list') await monitor.look(!leaving)
    const contender = contenders[next.actor]
    if (written && contender)
      monitor.expectOver(endedBy(contender, contenders).map((who) => world[who]))
  }
  await monitor.look(true)
  return { world, contenders, answers, steps, monitor }
}

/** Whether a `revoke` wrote anything: one that was to spare a dead session did not. */
function wasWritten(given: readonly unknown[], answer: unknown): boolean {
  const [{ except }] = given as [Revocation]
  return !except?.required || (answer as GroupEpoch).keep.includes(except.id)
}
