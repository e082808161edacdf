import type { GroupEpoch, SessionRecord, SessionStore } from '@adjourn/core'
import * as fc from 'fast-check'
import { expect } from 'vitest'
import type { Oracle } from './oracle.ts'

/** The model that commands move: the oracle, and the one clock. */
interface Model {
  readonly oracle: Oracle
  now: number
}

type Command = fc.AsyncCommand<Model, SessionStore>

const IDS = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(22))
const GROUPS = ['everyone', 'user:ann', 'tag:$x.y', 'user:epoch:everyone']
const MINUTE = 60_000

const id = fc.constantFrom(...IDS)
const group = fc.constantFrom(...GROUPS)
const minutes = fc.integer({ min: -5, max: 30 })
const text = fc.string({ unit: 'binary', maxLength: 20 })

function command(name: string, run: (model: Model, store: SessionStore) => Promise<void>): Command {
  return { check: () => true, run, toString: () => name }
}

const at = ({ now }: Model, moved = 0): Date => new Date(now + moved * MINUTE)

const insert = fc
  .record({ id, groups: fc.subarray(GROUPS), data: text, idle: minutes, adopts: fc.boolean() })
  .map((given) =>
    command(`insert ${JSON.stringify(given)}`, async (model, store) => {
      const { oracle } = model
      // Whether that one is still there is not said.
      if (oracle.isExpired(given.id, at(model))) return
      const record: SessionRecord = {
        id: given.id,
        secretHash: 's'.repeat(43),
        userId: 'ann',
        groups: given.groups.map((name) => ({
          group: name,
          epoch: given.adopts ? (oracle.epochs.get(name)?.epoch ?? null) : null,
        })),
        data: JSON.stringify({ text: given.data }),
        version: 1,
        createdAt: at(model),
        lastSeenAt: at(model),
        expiresAt: at(model, Math.max(1, given.idle)),
        endsAt: at(model, 40),
      }
      expect(await store.insert(record)).toBe(oracle.insert(record))
    }),
  )

const update = fc
  .record({ id, data: text, stale: fc.boolean(), seen: minutes, idle: minutes })
  .map((given) =>
    command(`update ${JSON.stringify(given)}`, async (model, store) => {
      const version = (model.oracle.find(given.id)?.version ?? 1) - (given.stale ? 1 : 0)
      const expected = { version, now: at(model) }
      const changes = {
        data: JSON.stringify({ text: given.data }),
        lastSeenAt: at(model, given.seen),
        expiresAt: at(model, given.idle),
      }
      const done = await store.update(given.id, expected, changes)
      expect(done).toBe(model.oracle.update(given.id, expected, changes))
    }),
  )

const touch = fc
  .array(fc.record({ id, seen: minutes, idle: minutes }), { maxLength: 3 })
  .map((given) =>
    command(`touch ${JSON.stringify(given)}`, async (model, store) => {
      const touches = given.map((each) => ({
        id: each.id,
        lastSeenAt: at(model, each.seen),
        expiresAt: at(model, each.idle),
      }))
      // Each id once: in what order two touches of one session arrive is not said.
      const once = touches.filter(
        (each, index) => touches.findIndex((of) => of.id === each.id) === index,
      )
      await store.touch(once, at(model))
      model.oracle.touch(once, at(model))
    }),
  )

const remove = fc.record({ id, when: fc.constantFrom('always', 'seen', 'moved') }).map((given) =>
  command(`delete ${JSON.stringify(given)}`, async (model, store) => {
    const { oracle } = model
    const expired = oracle.isExpired(given.id, at(model))
    const seen = oracle.find(given.id)?.lastSeenAt ?? new Date(0)
    const lastSeenAt = given.when === 'moved' ? new Date(seen.getTime() + 1) : seen
    const expected = given.when === 'always' ? undefined : { lastSeenAt }
    const done = await store.delete(given.id, expected)
    const told = oracle.delete(given.id, expected?.lastSeenAt)
    if (!expired) expect(done).toBe(told)
  }),
)

const revoke = fc
  .record({ group, spared: fc.option(id), required: fc.boolean(), purges: fc.boolean() })
  .map((given) =>
    command(`revoke ${JSON.stringify(given)}`, async (model, store) => {
      const { oracle } = model
      const joined = oracle.find(given.spared ?? '')?.groups.find((of) => of.group === given.group)
      const except =
        given.spared !== null && joined !== undefined
          ? { except: { id: given.spared, epoch: joined.epoch, required: given.required } }
          : {}
      const expiresAt = at(model, 600_000)
      const wanted = { group: given.group, now: at(model), expiresAt, ...except }
      const written = await store.revoke(wanted)
      expect(written).toMatchObject(oracle.revoke(wanted))
      if (given.purges) await purgeBoth(model, store, written)
    }),
  )

/** Later than the revocation, when others may have joined under its epoch. */
const purge = group.map((name) =>
  command(`purge ${name}`, async (model, store) => {
    const { epochs } = await store.read(undefined, [name])
    const epoch = epochs.get(name)
    if (epoch !== undefined) await purgeBoth(model, store, epoch)
  }),
)

async function purgeBoth(model: Model, store: SessionStore, epoch: GroupEpoch): Promise<void> {
  const count = await store.purge(epoch)
  const { least, most } = model.oracle.purge(epoch.group, at(model))
  expect(count).toBeGreaterThanOrEqual(least)
  expect(count).toBeLessThanOrEqual(most)
}

/** Everything that can be seen of the store is as the oracle has it. */
const look = fc.constant(
  command('look', async (model, store) => {
    const { oracle } = model
    for (const each of IDS) {
      const { record, epochs } = await store.read(each, GROUPS)
      // An expired record may be gone already.
      const known = oracle.find(each)
      if (record !== undefined || (known && known.expiresAt > at(model)))
        expect(record).toEqual(known)
      for (const name of GROUPS) {
        const epoch = oracle.epochs.get(name)
        if (epoch === undefined) expect(epochs.has(name)).toBe(false)
        else expect(epochs.get(name)).toMatchObject(epoch)
      }
    }
    for (const name of GROUPS) {
      const listed = await store.list(name, at(model))
      expect(listed.map((each) => each.id).toSorted()).toEqual(
        oracle.list(name, at(model)).toSorted(),
      )
    }
  }),
)

const wait = fc.integer({ min: 1, max: 20 }).map((passed) =>
  command(`wait ${passed} min`, async (model) => {
    model.now += passed * MINUTE
  }),
)

export const commands: fc.Arbitrary<Iterable<Command>> = fc.commands(
  [insert, insert, update, touch, remove, revoke, purge, look, wait],
  { maxCommands: 40 },
)
