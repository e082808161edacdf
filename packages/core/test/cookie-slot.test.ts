import { describe, expect, it } from 'vitest'
import type { QueuedHeaders } from '../src/binding.ts'
import { CookieSlot } from '../src/cookie-slot.ts'
import { world } from './support/browser.ts'

const attributes = {
  name: 'sid',
  path: '/',
  sameSite: 'lax',
  httpOnly: true,
  secure: false,
  partitioned: false,
} as const
const DELETION =
  'sid=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax'

function slotOf(headers: Record<string, string | null> = {}): {
  slot: CookieSlot
  queued(): QueuedHeaders | undefined
} {
  let queued: QueuedHeaders | undefined
  const slot = new CookieSlot(
    {
      header: (name) => headers[name],
      headersSent: () => false,
      queue: (given) => {
        queued = given
      },
    },
    { attributes, previous: [] } as never,
    { warn: () => {} } as never,
  )
  return { slot, queued: () => queued }
}

describe('the slot of the cookie', () => {
  it.each([
    [{}, true, true],
    [{ 'sec-fetch-mode': null, 'sec-fetch-site': null }, true, true],
    [{ 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'same-origin' }, true, true],
    [{ 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-origin' }, false, false],
    [{ 'sec-fetch-mode': 'cors', 'sec-fetch-site': null }, false, true],
    [{ 'sec-fetch-mode': 'cors' }, false, true],
  ])('knows from %j what may go unasked', (headers, isNavigation, mayRenew) => {
    const { slot } = slotOf(headers)
    expect({ isNavigation: slot.isNavigation, mayRenew: slot.mayRenew }).toEqual({
      isNavigation,
      mayRenew,
    })
  })

  it('queues nothing but what there is', () => {
    const { slot, queued } = slotOf()
    expect(queued()).toBeUndefined()
    slot.set('sid=1')
    expect(Object.entries({ ...queued() })).toEqual([['setCookie', 'sid=1']])
    slot.delete('"cache"')
    expect(Object.entries({ ...queued() })).toEqual([
      ['setCookie', DELETION],
      ['clearSiteData', '"cache"'],
    ])
  })

  it('holds what was put there last, and no set while an end is under way', () => {
    const { slot, queued } = slotOf()
    slot.beginEnd(undefined)
    slot.set('sid=1')
    expect([slot.isEnding, slot.deletes, queued()?.setCookie]).toEqual([true, true, DELETION])
    slot.finishEnd()
    slot.set('sid=2')
    expect([slot.isEnding, slot.deletes, queued()?.setCookie]).toEqual([false, false, 'sid=2'])
  })

  it('clears earlier cookies from the start', async () => {
    const { browser } = world({ cookie: { previous: [{ name: 'connect.sid' }] } })
    const { queued } = await browser().request({ cookie: 'connect.sid=1' })
    const clearing: unknown = expect.stringContaining('connect.sid=; Max-Age=0')
    expect(Object.entries({ ...queued })).toEqual([['clearings', [clearing]]])
  })
})
