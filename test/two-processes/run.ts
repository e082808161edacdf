import type { Kind, Point } from './messages.ts'
import type { Node, Reply } from './node.ts'

/** What a run does. */
export interface Plan {
  readonly kind: Kind
  /** What the slow request does once it goes on. */
  readonly action: 'save' | 'update' | 'rotate' | 'read'
  /** Where it waits until then. */
  readonly heldAt: Point
  readonly ending: 'end' | 'revokeAll'
  /** Whether it goes on after the end was answered, as the end does, or is answered before the end. */
  readonly order: 'after' | 'together' | 'before'
  /** No other run's. */
  readonly user: string
}

export interface Outcome {
  readonly plan: Plan
  /** The cookies of the session that was ended. */
  readonly dead: readonly string[]
  /** The cookie of the login after that. */
  readonly alive: string
  /** Which dead cookies were signed in nevertheless. */
  readonly undone: readonly string[]
  /** What else was not as it should be. */
  readonly wrong: readonly string[]
}

/** The slow request goes to the first, the end to the second. */
export type Pair = readonly [Node, Node]

/** A login, a slow request, an end on the other node, and a login after that. */
export async function run(pair: Pair, plan: Plan): Promise<Outcome> {
  const { action, ending, user } = plan
  const [here, there] = pair
  const login = { path: '/login', of: user }
  const { cookie: first } = await here.visit(login)
  const wrong: string[] = []
  const check = (isRight: boolean, otherwise: string): void => {
    if (!isRight) wrong.push(`${nameOf(plan)}: ${otherwise}`)
  }
  check(await isSignedIn(there, first, user), 'not signed in by its login')

  const { slow, ended, faults } = await meet(pair, plan, first)
  for (const fault of faults) check(false, fault)
  check(ended.status === 200, `${ending} was answered ${ended.status}`)
  check(answersOf(plan).includes(slow.status), `${action} was answered ${slow.status}`)

  const dead = [...new Set([first, slow.cookie, ended.cookie])].filter((cookie) => cookie !== '')
  const undone = await signedIn(pair, dead, plan)
  const { cookie: alive } = await here.visit(login)
  check((await signedIn(pair, [alive], plan)).length === 2, 'a login after it is not signed in')
  return { plan, dead, alive, undone, wrong }
}

/** Looks again: a write may have come in late. */
export async function lookAgain(pair: Pair, { plan, ...outcome }: Outcome): Promise<Outcome> {
  const undone = await signedIn(pair, outcome.dead, plan)
  const isAlive = (await signedIn(pair, [outcome.alive], plan)).length === 2
  const wrong = isAlive ? [] : [`${nameOf(plan)}: a login after it was ended later`]
  return {
    ...outcome,
    plan,
    undone: [...outcome.undone, ...undone.map((where) => `${where}, later`)],
    wrong: [...outcome.wrong, ...wrong],
  }
}

interface Meeting {
  readonly slow: Reply
  readonly ended: Reply
  readonly faults: readonly string[]
}

async function meet(pair: Pair, plan: Plan, first: string): Promise<Meeting> {
  const { action, heldAt, ending, order, user } = plan
  const [here, there] = pair
  const end = { path: `/${ending}`, of: user, cookie: first }
  const letGo = await here.hold(heldAt, { path: `/${action}`, of: user, cookie: first })
  switch (order) {
    case 'after': {
      const ended = await there.visit(end)
      return { ended, slow: await letGo(), faults: [] }
    }
    case 'together': {
      const letEnd = await there.hold('loaded', end)
      const [slow, ended] = await Promise.all([letGo(), letEnd()])
      return { slow, ended, faults: [] }
    }
    case 'before': {
      const slow = await letGo()
      const faults = await faultsOf(pair, plan, { first, now: slow.cookie })
      return { slow, faults, ended: await there.visit({ ...end, cookie: slow.cookie }) }
    }
  }
}

/** How the slow request may be answered. */
function answersOf({ kind, action, order }: Plan): readonly number[] {
  if (kind === 'classic' || action === 'read' || order === 'before') return [200]
  return order === 'after' ? [401] : [200, 401]
}

/** What is wrong once a slow request is done that no end has met. */
async function faultsOf(
  pair: Pair,
  plan: Plan,
  { first, now }: { first: string; now: string },
): Promise<string[]> {
  const { action, user } = plan
  const note = action === 'save' || action === 'update' ? user : undefined
  const read = await Promise.all(pair.map((node) => whoami(node, now)))
  const isRotated = action === 'rotate'
  const stale = isRotated ? await signedIn(pair, [first], plan) : []
  return [
    ...(read.every((found) => found.user === user) ? [] : [`${action} signed out`]),
    ...(read.every((found) => found.note === note) ? [] : [`${action} left another note`]),
    ...((now !== first) === isRotated ? [] : [`${action} left another cookie`]),
    ...stale.map((where) => `the cookie before it is still signed in ${where}`),
  ]
}

/** Which of the cookies are signed in, and where. */
async function signedIn(
  [here, there]: Pair,
  cookies: readonly string[],
  { user }: Plan,
): Promise<string[]> {
  const found: string[] = []
  for (const [at, cookie] of cookies.entries()) {
    if (await isSignedIn(here, cookie, user)) found.push(`cookie ${at} here`)
    if (await isSignedIn(there, cookie, user)) found.push(`cookie ${at} there`)
  }
  return found
}

async function isSignedIn(node: Node, cookie: string, user: string): Promise<boolean> {
  return (await whoami(node, cookie)).user === user
}

async function whoami(node: Node, cookie: string): Promise<{ user?: string; note?: string }> {
  const { status, body } = await node.visit({ path: '/read', cookie })
  if (status !== 200) throw new Error(`/read was answered ${status}: ${body}`)
  return JSON.parse(body) as { user?: string; note?: string }
}

const nameOf = ({ kind, action, heldAt, order, ending, user }: Plan): string =>
  `${kind}: ${action} ${heldAt} ${order} ${ending} (${user})`
