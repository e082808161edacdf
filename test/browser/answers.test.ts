/** However a handler answers after `end()`, the browser has no cookie afterwards. */
import type { Handler, Routes } from '@adjourn/core/testing'
import { describe, expect, it } from 'vitest'
import { oneFramework, show, useSites } from './site.ts'
import { jar, textOf, useChromium } from './support.ts'

const browser = useChromium()
const sites = useSites()

const REVIVED = '__Host-session=revived; Path=/; Secure; HttpOnly; SameSite=Lax'

/** What handlers do after they have ended the session. */
const ANSWERS: Readonly<Record<string, Handler>> = {
  'replaces Set-Cookie': async (_session, reply) => {
    reply.setHeader('set-cookie', 'theirs=1; Path=/; Secure')
    await show(reply, 'done')
  },
  'sets a cookie of the same name': async (_session, reply) => {
    reply.addHeader('set-cookie', REVIVED)
    await show(reply, 'done')
  },
  'deletes the cookie itself, with wrong attributes': async (_session, reply) => {
    reply.addHeader('set-cookie', '__Host-session=; Max-Age=0')
    await show(reply, 'done')
  },
  redirects: (_session, reply) => reply.redirect('/done'),
  'redirects with 303 to a page that redirects': async (_session, reply) => {
    reply.setHeader('location', '/hop')
    await reply.send(303)
  },
  streams: async (_session, reply) => {
    reply.setHeader('content-type', 'text/html')
    await reply.stream(parts())
  },
  fails: () => {
    throw new Error('after the end')
  },
}

async function* parts(): AsyncGenerator<string> {
  yield '<!doctype html><p>do'
  yield 'ne'
}

/** One route for each way of answering. */
const routes: Routes = {
  '/done': (_session, reply) => show(reply, 'done'),
  '/hop': (_session, reply) => reply.redirect('/done'),
  ...Object.fromEntries(
    Object.values(ANSWERS).map((answer, at): [string, Handler] => [
      `/end-${at}`,
      async (session, reply, others) => {
        await session.end()
        await answer(session, reply, others)
      },
    ]),
  ),
}

describe.each(oneFramework)('%s: the cookie is gone where the handler', (_framework, start) => {
  it.each(Object.keys(ANSWERS).map((words, at) => [words, at] as const))(
    '%s',
    async (words, at) => {
      const site = await sites.start(start, { routes })
      const page = await browser.cleanPage()
      await page.goto(`${site.https()}/in`)
      await page.goto(`${site.https()}/end-${at}`)
      if (words !== 'fails') expect(await textOf(page)).toBe('done')
      const names = (await jar(page)).map(({ name }) => name)
      expect(names).toEqual(words === 'replaces Set-Cookie' ? ['theirs'] : [])
      expect(await site.count()).toBe(0)

      // The same, asked by a script.
      await page.goto(`${site.https()}/in`)
      await page.evaluate(
        (path) => fetch(path, { method: 'POST' }).then((answer) => answer.text()),
        `/end-${at}`,
      )
      expect((await jar(page)).map(({ name }) => name)).toEqual(names)
      expect(await site.count()).toBe(0)
    },
  )
})
