import type { GroupEpoch, Revocation, Sessions, SessionsOptions, SessionStore } from '@adjourn/core'
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

/** A store to race on, and a world whose sessions it does not have yet. */
export interface Ground {
  readonly store: SessionStore
  readonly world: World
  /**
   * The nodes of the contenders have a read cache: with nothing in it and reads that take their time,
   * or with all sessions.
   */
  readonly cache?: 'cold' | 'warm' | undefined
}

/** Runs the contenders against each other. */
export async function race(
  { store, world, cache }: Ground,
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
  const cached = cache === undefined ? {} : { cache: { max: 100, maxAge: 3600 } }
  const starts: (() => Promise<void>)[] = []
  async function look(resting: boolean): Promise<void> {
    // Who passes now must be the monitor, and nobody else.
    await turnstile.quiet()
    turnstile.isOpen = true
    await monitor.look(resting)
    turnstile.isOpen = false
  }
  for (const [actor, { operation, target }] of contenders.entries()) {
    const part = `actor-${actor}`
    stage.enter(part, turnstile.wrap(store, actor, cache === 'cold'), store)
    const sessions = (options: Partial<SessionsOptions> = {}): Sessions => {
      const node = stage.sessions(part, { ...options, ...cached })
      if (cache !== undefined && options.touchAfter === undefined) monitor.follow(node)
      return node
    }
    const scene = { world, target, key: `key-${actor}`, sessions }
    if (cache === 'warm') await warm(sessions, () => look(true))
    starts.push(async () => {
      const answer = await operation.run(scene)
      answers[actor] = answer
      monitor.receive(answer)
    })
  }
  for (const start of starts) turnstile.start(start)
  const steps: Step[] = []
  const leaving = contenders.some(({ operation }) => operation.leaves)
  for (await turnstile.quiet(); turnstile.waiting.length > 0; await turnstile.quiet()) {
    const [next] = turnstile.waiting.splice(choose(turnstile.waiting), 1)
    if (next === undefined) throw new Error('The schedule chose an operation that does not wait')
    const answer = await next.go()
    const written = next.operation === 'revoke' && wasWritten(next.given, answer)
    steps.push({ ...next, written })
    if (next.operation !== 'read' && next.operation !== 'list') await look(!leaving)
    const contender = contenders[next.actor]
    if (written && contender)
      monitor.expectOver(endedBy(contender, contenders).map((who) => world[who]))
  }
  await look(true)
  return { world, contenders, answers, steps, monitor }
}

/** The first look begins the feed, the second is kept. */
async function warm(sessions: () => Sessions, look: () => Promise<void>): Promise<void> {
  sessions()
  await look()
  await look()
}

/** Whether a `revoke` wrote anything: one that was to spare a dead session did not. */
function wasWritten(given: readonly unknown[], answer: unknown): boolean {
  const [{ except }] = given as [Revocation]
  return !except?.required || (answer as GroupEpoch).keep.includes(except.id)
}
