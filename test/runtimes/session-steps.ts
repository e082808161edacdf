import type { Data, Session } from '@adjourn/core'
import type { Steps } from './steps.ts'
import { Browser, codeOf, logout, SECRET, whoami } from './world.ts'

const SET = '__Host-session=…; Max-Age=86400; Path=/; HttpOnly; Secure; SameSite=Lax'

const DELETED =
  '__Host-session=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax'

const answer = (body: unknown, setCookies: readonly string[] = [], status = 200) => ({
  status,
  body,
  setCookies,
})

/** How a session begins, is read and written, and ends. */
export const sessionSteps: Steps = {
  'a visitor is nobody and gets no cookie': {
    run: ({ browser }) => browser().ask(),
    expected: answer('nobody'),
  },
  'a login sets one cookie, which later requests do not': {
    async run({ browser, user }) {
      const laptop = browser()
      const login = await laptop.ask((session) => session.create({ userId: user('ann') }))
      return [login, await laptop.ask()]
    },
    expected: [answer(null, [SET]), answer('ann')],
  },
  'what is saved is read': {
    async run({ browser, user }) {
      const laptop = browser()
      await laptop.login(user('ann'))
      await laptop.ask(async (session) => {
        session.data['cart'] = ['tea', 'ünïcode 🍵']
        await session.save()
      })
      return laptop.ask(({ data }) => data)
    },
    expected: answer({ cart: ['tea', 'ünïcode 🍵'] }),
  },
  'two requests that save other keys both persist': {
    async run({ browser, user }) {
      const laptop = browser()
      await laptop.login(user('ann'))
      const meeting = meet(2)
      const saving = (key: string) => async (session: Session) => {
        session.data[key] = 1
        await meeting()
        await session.save()
      }
      await Promise.all(['a', 'b'].map((key) => laptop.copy().ask(saving(key))))
      return laptop.ask(({ data }) => [data['a'], data['b']])
    },
    expected: answer([1, 1]),
  },
  'updates at once count each': {
    async run({ browser, user }) {
      const laptop = browser()
      await laptop.login(user('ann'))
      const meeting = meet(5)
      const counting = async (session: Session) => {
        await meeting()
        await session.update((data) => ({ count: Number(data['count'] ?? 0) + 1 }))
      }
      await Promise.all([1, 2, 3, 4, 5].map(() => laptop.copy().ask(counting)))
      return laptop.ask(({ data }) => data)
    },
    expected: answer({ count: 5 }),
  },
  'a rotation stops the old cookie, and keeps the session': {
    async run({ browser, user }) {
      const laptop = browser()
      const id = await laptop.login(user('ann'))
      const old = laptop.copy()
      await laptop.ask((session) => session.rotate())
      const current = await laptop.ask((session) => [session.userId, session.id === id])
      const replayed = await old.copy().ask()
      return [current, replayed, await old.ask((session) => codeOf(session.save()))]
    },
    expected: [answer(['ann', true]), answer('nobody'), answer('ERR_SESSION_ENDED')],
  },
  'a logout deletes the cookie and the record, and a replay is refused': {
    async run({ browser, user, node }) {
      const laptop = browser()
      const id = await laptop.login(user('ann'))
      const stolen = laptop.copy()
      const left = await laptop.ask(logout)
      const record = (await node.sessions.find(id)) ?? 'gone'
      return [left, laptop.cookie, record, await stolen.ask()]
    },
    expected: [answer(null, [DELETED]), '', 'gone', answer('nobody', [DELETED])],
  },
  'nothing in flight brings an ended session back': {
    async run({ browser, user }) {
      const laptop = browser()
      await laptop.login(user('ann'))
      const stolen = laptop.copy()
      const codes = await laptop.copy().ask(async (session) => {
        session.data['late'] = true
        await laptop.ask(logout)
        const late = [session.save(), session.rotate(), session.update(() => ({ late: true }))]
        return Promise.all(late.map(codeOf))
      })
      return [codes, (await stolen.ask()).body]
    },
    expected: [answer(['ERR_SESSION_ENDED', 'ERR_SESSION_ENDED', 'ERR_SESSION_ENDED']), 'nobody'],
  },
  'several calls in one request make one Set-Cookie, and end wins': {
    async run({ browser, user }) {
      const laptop = browser()
      const { setCookies } = await laptop.ask(async (session) => {
        await session.create({ userId: user('ann') })
        await session.rotate()
        await session.end()
      })
      return setCookies
    },
    expected: [DELETED],
  },
  'a message is read once': {
    async run({ browser, user }) {
      const laptop = browser()
      await laptop.login(user('ann'))
      await laptop.ask((session) => session.flash('notice', { text: 'saved' }))
      const take = async (session: Session) => (await session.flash('notice')) ?? 'none'
      return [(await laptop.ask(take)).body, (await laptop.ask(take)).body]
    },
    expected: [{ text: 'saved' }, 'none'],
  },
  'a login carries the visitor’s data over, and stops the cookie before it': {
    async run({ browser, user }) {
      const laptop = browser()
      await laptop.ask(async (session) => {
        session.data['cart'] = ['tea']
        await session.save()
      })
      const before = laptop.copy()
      await laptop.login(user('ann'))
      return [await laptop.ask(({ data }) => data), (await before.ask(({ data }) => data)).body]
    },
    expected: [answer({ cart: ['tea'] }), {}],
  },
  'a forged cookie is no error': {
    async run({ browser, node, user }) {
      const laptop = browser()
      await laptop.login(user('ann'))
      const forged = new Browser(node)
      forged.cookie = `${laptop.cookie.slice(0, -8)}AAAAAAAA`
      return forged.ask()
    },
    expected: answer('nobody'),
  },
  'of two cookies of the name neither counts: one of them may be planted': {
    async run({ browser, node, user }) {
      const laptop = browser()
      await laptop.login(user('ann'))
      const both = new Browser(node)
      both.cookie = `__Host-session=forged; ${laptop.cookie}`
      return both.ask()
    },
    expected: answer('nobody'),
  },
  'a cookie sealed with an older secret counts, and one of a dropped secret does not': {
    async run({ browser, user, another, store }) {
      const laptop = browser()
      await laptop.login(user('ann'))
      const next = 'the next secret of all the runtimes'
      const both = await another({ store, secrets: [next, SECRET] })
      const only = await another({ store, secrets: next })
      const nodes = [both, only].map((node) => laptop.copy(node).ask(whoami))
      return (await Promise.all(nodes)).map(({ body }) => body)
    },
    expected: ['ann', 'nobody'],
  },
  'data cannot reach the prototype of anything': {
    async run({ browser, user }) {
      const laptop = browser()
      await laptop.login(user('ann'))
      await laptop.ask((session) =>
        session.update(() => JSON.parse('{"__proto__":{"admin":true}}') as Data),
      )
      return laptop.ask(({ data }) => [Reflect.has(data, 'admin'), Reflect.has({}, 'admin')])
    },
    expected: answer([false, false]),
  },
  'wrong options are named': {
    run: ({ another, store }) => codeOf(another({ store, secrets: 'short' })),
    expected: 'ERR_CONFIG',
  },
}

/** Resolves once so many wait for it. */
function meet(count: number): () => Promise<void> {
  const waiting: (() => void)[] = []
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      if (waiting.length === count) for (const each of waiting) each()
    })
}
