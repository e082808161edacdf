import { afterAll, afterEach, beforeAll } from 'vitest'
import { startApp, type AppNode } from './app.ts'
import { startReplicaSet, type ReplicaSet } from './replica-set.ts'

export interface Fixture {
  readonly set: ReplicaSet
  /** Two nodes of one app. */
  readonly here: AppNode
  readonly there: AppNode
}

const HOOK_TIMEOUT = 120_000

/** For the tests of a file, one after the other; after each the replica set is made whole again. */
export function useReplicaSet(): Fixture {
  const fixture: { -readonly [key in keyof Fixture]?: Fixture[key] } = {}

  beforeAll(async () => {
    fixture.set = await startReplicaSet()
    fixture.here = await startApp(fixture.set.uri)
    fixture.there = await startApp(fixture.set.uri)
  }, HOOK_TIMEOUT)

  afterEach(async () => {
    const { nodes = [] } = fixture.set ?? {}
    for (const node of nodes) node.resume()
    await Promise.all(nodes.map((node) => node.start()))
    await fixture.set?.healthy()
  }, HOOK_TIMEOUT)

  afterAll(async () => {
    await Promise.all(Object.values(fixture).map((each) => each[Symbol.asyncDispose]()))
  }, HOOK_TIMEOUT)

  return fixture as Fixture
}
