import type { SessionsOptions, SessionStore } from '@adjourn/core'
import type { Runner } from '@adjourn/core/testing'
import { Browser, createNode, StoppedClock, type Node } from './world.ts'

/** What a step works with. */
export interface World {
  readonly node: Node
  readonly store: SessionStore
  readonly clock: StoppedClock
  /** A user's name that no other step has. */
  readonly user: (name: string) => string
  readonly browser: () => Browser
  /** Another node on the same data, over a store of its own where the store allows it. */
  readonly another: (options?: Partial<SessionsOptions>) => Promise<Node>
}

/** What is done, and what has to be seen; both are plain JSON. */
export interface Step {
  readonly run: (world: World) => unknown
  readonly expected: unknown
}

export type Steps = Readonly<Record<string, Step>>

/** Opens the store of a step, or of another node on the same data. */
export interface Data {
  readonly open: () => Promise<SessionStore>
  readonly openAnother: () => Promise<SessionStore>
}

let worlds = 0

export function stepTests(
  { describe, it }: Runner,
  groups: Readonly<Record<string, Steps>>,
  data: Data,
): void {
  for (const [group, steps] of Object.entries(groups)) {
    describe(group, () => {
      for (const [name, step] of Object.entries(steps)) it(name, () => runStep(step, data))
    })
  }
}

async function runStep({ run, expected }: Step, data: Data): Promise<void> {
  const opened: Node[] = []
  const clock = new StoppedClock()
  const store = await data.open()
  const own = `-${worlds++}`
  const start = (over: SessionStore, options: Partial<SessionsOptions>): Node => {
    const node = createNode(over, { clock, ...options })
    opened.push(node)
    return node
  }
  const node = start(store, {})
  try {
    const saw = await run({
      node,
      store,
      clock,
      user: (name) => `${name}${own}`,
      browser: () => new Browser(node),
      another: async (options = {}) => start(options.store ?? (await data.openAnother()), options),
    })
    assertSame(withoutSuffix(saw, own), expected)
  } finally {
    for (const each of opened) await each.sessions.close()
  }
}

function withoutSuffix(saw: unknown, suffix: string): unknown {
  return JSON.parse((JSON.stringify(saw) ?? 'null').replaceAll(`${suffix}"`, '"'))
}

function assertSame(saw: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(saw), JSON.stringify(expected)]
  if (a !== b) throw new Error(`saw ${a}, expected ${b}`)
}
