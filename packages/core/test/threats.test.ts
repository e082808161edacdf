/** What docs/threat-model.md says and no other test shows. */
import { sealData } from 'iron-session'
import { expect, it } from 'vitest'
import { memoryStore } from '../src/index.ts'
import { faultyStore } from '../src/testing/index.ts'
import { SECRET, world } from './support/browser.ts'

it('a record that was given other groups in the store is refused', async () => {
  const store = memoryStore()
  const { browser, events } = world({ store })
  const eve = browser()
  const { id } = await eve.visit(async (session) => {
    await session.create({ userId: 'eve' })
    return { id: session.id ?? '' }
  })
  const { record } = await store.read(id, [])
  if (record === undefined) throw new Error('There is no record')
  const groups = [...record.groups, { group: 'tag:admin', epoch: null }]
  await store.update(id, { version: record.version, now: record.createdAt }, { groups })
  expect(await eve.visit(async (session) => session.userId)).toBeUndefined()
  expect(events.at(-1)).toMatchObject({ type: 'rejected', reason: 'malformed' })
})

it('a cookie that does not open reads no store', async () => {
  const store = faultyStore(memoryStore())
  const { browser } = world({ store })
  const payload = { id: 'a'.repeat(22), secret: 's'.repeat(43), groups: [] }
  const forged = await sealData(payload, {
    password: 'another-secret-of-32-characters-or-so',
    ttl: 60,
  })
  for (const value of [forged, 'junk', 'x'.repeat(5000)]) {
    const { session } = await browser().request({ cookie: `__Host-session=${value}` })
    expect(session.active).toBe(false)
  }
  expect(store.calls).toEqual([])
  const opens = await sealData(payload, { password: SECRET, ttl: 60 })
  await browser().request({ cookie: `__Host-session=${opens}` })
  expect(store.calls.map(({ operation }) => operation)).toEqual(['read'])
})
