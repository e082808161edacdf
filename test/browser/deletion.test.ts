/**
 * Which Set-Cookie deletes a cookie, by the browser's own rules (RFC 6265bis, section 5.7): first that
 * one with anything wrong does not, then that what `end()` sends does, whatever the options.
 */
import type { CookieOptions } from '@adjourn/core'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { frameworks, useSites, type Addresses } from './site.ts'
import { jar, useChromium } from './support.ts'

const browser = useChromium()
const sites = useSites()

const HOST = 'app.adjourn.test'

/** A server that sets what the address says, whatever the path. */
function plainServer(): Promise<Addresses> {
  return sites.serve((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost')
    response.setHeader('set-cookie', searchParams.getAll('set'))
    response.setHeader('content-type', 'text/html')
    response.end('<!doctype html>')
  })
}

const visit = (
  page: Page,
  origin: string,
  setCookie: string,
  path = '/app/page',
): Promise<unknown> => page.goto(`${origin}${path}?set=${encodeURIComponent(setCookie)}`)

interface Case {
  readonly set: string
  /** What each of these deletions does, sent from /app/page on https. */
  readonly deletions: Readonly<Record<string, 'goes' | 'stays'>>
}

const GONE = 'Max-Age=0'

const CASES: readonly Case[] = [
  {
    set: '__Host-s=1; Path=/; Secure; HttpOnly; SameSite=Lax',
    deletions: {
      [`__Host-s=; ${GONE}; Path=/; Secure; HttpOnly; SameSite=Lax`]: 'goes',
      [`__Host-s=; ${GONE}; Path=/; Secure`]: 'goes',
      [`__Host-s=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; Secure`]: 'goes',
      [`__Host-s=; ${GONE}; Secure; HttpOnly; SameSite=Lax`]: 'stays', // no Path
      [`__Host-s=; ${GONE}; Path=/app; Secure`]: 'stays',
      [`__Host-s=; ${GONE}; Path=/; HttpOnly; SameSite=Lax`]: 'stays', // no Secure
      [`__Host-s=; ${GONE}; Path=/; Secure; Domain=${HOST}`]: 'stays',
      [`__Host-s=; ${GONE}; Path=/; Secure; Partitioned`]: 'stays',
      [`s=; ${GONE}; Path=/; Secure`]: 'stays', // no prefix
      [`__host-s=; ${GONE}; Path=/; Secure`]: 'stays', // names are told apart by case
      [`__Host-s=; Path=/app; Secure`]: 'stays', // no expiry, and another path
    },
  },
  {
    set: '__Secure-s=1; Domain=adjourn.test; Path=/; Secure; HttpOnly',
    deletions: {
      [`__Secure-s=; ${GONE}; Domain=adjourn.test; Path=/; Secure`]: 'goes',
      [`__Secure-s=; ${GONE}; Domain=.adjourn.test; Path=/; Secure`]: 'goes',
      [`__Secure-s=; ${GONE}; Path=/; Secure`]: 'stays', // no Domain
      [`__Secure-s=; ${GONE}; Domain=${HOST}; Path=/; Secure`]: 'stays',
      [`__Secure-s=; ${GONE}; Domain=adjourn.test; Secure`]: 'stays', // no Path
      [`__Secure-s=; ${GONE}; Domain=adjourn.test; Path=/`]: 'stays', // no Secure
    },
  },
  {
    set: '__Secure-s=1; Path=/app; Secure; HttpOnly',
    deletions: {
      [`__Secure-s=; ${GONE}; Path=/app; Secure`]: 'goes',
      [`__Secure-s=; ${GONE}; Secure`]: 'goes', // the default path of /app/page is /app
      [`__Secure-s=; ${GONE}; Path=/; Secure`]: 'stays',
      [`__Secure-s=; ${GONE}; Path=/app/; Secure`]: 'stays',
      [`__Secure-s=; ${GONE}; Path=/app/page; Secure`]: 'stays',
    },
  },
  {
    set: '__Host-s=1; Path=/; Secure; SameSite=None; Partitioned',
    deletions: {
      [`__Host-s=; ${GONE}; Path=/; Secure; SameSite=None; Partitioned`]: 'goes',
      [`__Host-s=; ${GONE}; Path=/; Secure; Partitioned`]: 'goes',
      [`__Host-s=; ${GONE}; Path=/; Secure; SameSite=None`]: 'stays', // no Partitioned
    },
  },
  {
    set: 's=1; Path=/; Secure; HttpOnly',
    deletions: {
      [`s=; ${GONE}; Path=/; Secure`]: 'goes',
      [`s=; ${GONE}; Path=/`]: 'goes', // without a prefix, https is enough
      [`s=; ${GONE}; Path=/; Domain=${HOST}`]: 'stays',
    },
  },
]

describe('in a real browser, a deletion', () => {
  for (const { set, deletions } of CASES) {
    it(`of ${set}`, async () => {
      const server = await plainServer()
      const page = await browser.cleanPage()
      const outcomes: Record<string, string> = {}
      for (const deletion of Object.keys(deletions)) {
        await page.context().clearCookies()
        await visit(page, server.https(HOST), set)
        const [before] = await jar(page)
        expect(before?.value).toBe('1')
        await visit(page, server.https(HOST), deletion)
        outcomes[deletion] = (await jar(page)).some(({ value }) => value === '1') ? 'stays' : 'goes'
      }
      expect(outcomes).toEqual(deletions)
    })
  }

  it('over http does nothing to a cookie that is Secure', async () => {
    const server = await plainServer()
    const page = await browser.cleanPage()
    await visit(page, server.https(HOST), 's=1; Path=/; Secure')
    await visit(page, server.http(HOST), `s=; ${GONE}; Path=/`)
    expect(await jar(page)).toMatchObject([{ value: '1' }])
  })

  it('by script does nothing to a cookie that is HttpOnly', async () => {
    const server = await plainServer()
    const page = await browser.cleanPage()
    await visit(page, server.https(HOST), 's=1; Path=/; Secure; HttpOnly')
    await page.evaluate(() => {
      document.cookie = 's=; Max-Age=0; Path=/; Secure'
    })
    expect(await jar(page)).toMatchObject([{ value: '1' }])
  })

  it.each([
    ['Lax', 'stays'],
    ['None', 'goes'],
  ])('in a frame of another site with SameSite=%s: it %s', async (sameSite, outcome) => {
    const server = await plainServer()
    const page = await browser.cleanPage()
    const address = (setCookie: string): string =>
      `${server.https(HOST)}/?set=${encodeURIComponent(setCookie)}`
    await sites.embed(page, address('s=1; Path=/; Secure; SameSite=None; Partitioned'))
    expect(await jar(page)).toHaveLength(1)
    const deletion = `s=; ${GONE}; Path=/; Secure; Partitioned; SameSite=${sameSite}`
    await page.frames()[1]?.goto(address(deletion))
    expect(await jar(page)).toHaveLength(outcome === 'stays' ? 1 : 0)
  })
})

/** Every combination of the options that decide what a cookie is. */
function combinations(): CookieOptions[] {
  const all: CookieOptions[] = []
  for (const secure of [true, false]) {
    for (const domain of [undefined, 'adjourn.test']) {
      for (const path of ['/', '/app']) {
        for (const partitioned of secure ? [false, true] : [false]) {
          for (const sameSite of secure ? SAME_SITES : SAME_SITES.slice(0, 2)) {
            const shared = domain === undefined ? {} : { domain }
            all.push({ secure, path, partitioned, sameSite, ...shared })
          }
        }
      }
    }
  }
  return all
}

const SAME_SITES = ['lax', 'strict', 'none'] as const

// The header is core's, and every binding is held to putting it on as it is: one framework will do.
describe('what end() sends deletes what create() set', () => {
  it.each([true, false])(
    'with every combination of options, secure: %s',
    async (secure) => {
      const page = await browser.cleanPage()
      const [, start] = frameworks[secure ? 1 : 0] ?? []
      if (start === undefined) throw new Error('No framework')
      for (const cookie of combinations().filter((each) => each.secure === secure)) {
        const site = await sites.start(start, { cookie })
        const origin = secure ? site.https(HOST) : site.http(HOST)
        await page.goto(`${origin}/app/in`)
        const cookies = await jar(page)
        expect(cookies, JSON.stringify(cookie)).toMatchObject([expectedCookie(cookie)])
        expect(await site.count()).toBe(1)

        await page.goto(`${origin}/app/out`)
        expect(await jar(page), JSON.stringify(cookie)).toEqual([])
        expect(await site.count()).toBe(0)
      }
    },
    60_000,
  )
})

function expectedCookie({ secure, domain, path, partitioned, sameSite }: CookieOptions): object {
  const isHost = domain === undefined && path === '/'
  const prefix = isHost ? '__Host-' : '__Secure-'
  return {
    name: secure === true ? `${prefix}session` : 'session',
    domain: domain === undefined ? HOST : `.${domain}`,
    path,
    secure,
    httpOnly: true,
    sameSite: { lax: 'Lax', strict: 'Strict', none: 'None' }[sameSite ?? 'lax'],
    partition: partitioned === true ? 'https://adjourn.test' : undefined,
  }
}
