import type { SessionStore } from '@adjourn/core'
import type { Steps } from './steps.ts'
import { Browser, createNode, logout, until, whoami } from './world.ts'

/** Who signs in is named, then who is still signed in. */
async function bodies(...browsers: readonly Browser[]): Promise<unknown[]> {
  const seen = await Promise.all(browsers.map((each) => each.copy().ask()))
  return seen.map(({ body }) => body)
}

/** Sessions ended from elsewhere, by time, and while the store fails. */
export const endingSteps: Steps = {
  'revokeAll ends all sessions of the user, and nobody else’s': {
    async run({ browser, user, node }) {
      const [laptop, phone, other] = [browser(), browser(), browser()]
      await laptop.login(user('ann'))
      await phone.login(user('ann'))
      await other.login(user('bob'))
      const count = await node.sessions.revokeAll(user('ann'))
      return [count, await bodies(laptop, phone, other)]
    },
    expected: [2, ['nobody', 'nobody', 'bob']],
  },
  'revokeAll ends all sessions with a tag': {
    async run({ browser, user, node }) {
      const [laptop, phone] = [browser(), browser()]
      await laptop.login(user('ann'), { tags: [user('tenant')] })
      await phone.login(user('ann'))
      const count = await node.sessions.revokeAll({ tag: user('tenant') })
      return [count, await bodies(laptop, phone)]
    },
    expected: [1, ['nobody', 'ann']],
  },
  'revokeAll ends everybody’s, and who signs in afterwards is signed in': {
    async run({ browser, user, node }) {
      const [laptop, phone] = [browser(), browser()]
      await laptop.login(user('ann'))
      await node.sessions.revokeAll({ everyone: true })
      await phone.login(user('bob'))
      return bodies(laptop, phone)
    },
    expected: ['nobody', 'bob'],
  },
  'revokeAll spares the session that is excepted': {
    async run({ browser, user, node }) {
      const [laptop, phone] = [browser(), browser()]
      const except = await laptop.login(user('ann'))
      await phone.login(user('ann'))
      const count = await node.sessions.revokeAll(user('ann'), { except })
      return [count, await bodies(laptop, phone)]
    },
    expected: [1, ['ann', 'nobody']],
  },
  'revokeOthers keeps this session alone': {
    async run({ browser, user }) {
      const [laptop, phone] = [browser(), browser()]
      await laptop.login(user('ann'))
      await phone.login(user('ann'))
      const old = laptop.copy()
      const { body } = await laptop.ask((session) => session.revokeOthers())
      return [body, await bodies(laptop, phone, old)]
    },
    expected: [1, ['ann', 'nobody', 'nobody']],
  },
  'a login that a revocation has overtaken is refused': {
    async run({ browser, user, node }) {
      const laptop = browser()
      const fence = await node.sessions.fence(user('ann'))
      await node.sessions.revokeAll(user('ann'))
      const { status, body, setCookies } = await laptop.ask((session) =>
        session.create({ userId: user('ann'), fence }),
      )
      return [status, body, setCookies, await node.sessions.list(user('ann'))]
    },
    expected: [409, 'ERR_SESSION_REVOKED', [], []],
  },
  'a session that is used outlives the idle timeout, one that is not ends': {
    async run({ browser, user, node, clock }) {
      const [used, unused] = [browser(), browser()]
      const id = await used.login(user('ann'))
      await unused.login(user('ann'))
      clock.advance(3000)
      await used.ask()
      const isTouched = await until(async () => {
        const found = await node.sessions.find(id)
        return found?.lastSeenAt.getTime() === clock.now()
      })
      clock.advance(3000)
      return [isTouched, await bodies(used, unused)]
    },
    expected: [true, ['ann', 'nobody']],
  },
  'the absolute timeout ends a session that is used': {
    async run({ browser, user, clock }) {
      const laptop = browser()
      await laptop.login(user('ann'))
      const seen: unknown[] = []
      for (let hours = 0; hours < 48; hours++) {
        clock.advance(1800)
        seen.push((await laptop.copy().ask(whoami)).body)
        // What a request has seen is written after it: the next shall not come before.
        if (hours < 46) await laptop.copy().ask((session) => session.save())
      }
      return [seen.filter((each) => each !== 'nobody').length, seen.at(-1)]
    },
    expected: [47, 'nobody'],
  },
  'with the store out of reach a request gets 503, and the cookie stays': {
    async run({ browser, user, store }) {
      const laptop = browser()
      await laptop.login(user('ann'))
      const down = createNode(failing(store, 'read'), {})
      const answer = await laptop.copy(down).ask()
      return [answer, await bodies(laptop)]
    },
    expected: [{ status: 503, body: 'ERR_STORE_UNAVAILABLE', setCookies: [] }, ['ann']],
  },
  'a logout that the store fails takes the cookie, and says so': {
    async run({ browser, user, store, clock }) {
      const laptop = browser()
      await laptop.login(user('ann'))
      const down = createNode(failing(store, 'delete'), { clock })
      const copy = laptop.copy(down)
      const { status, body, setCookies } = await copy.ask(logout)
      return [status, body, setCookies.length, copy.cookie]
    },
    expected: [503, 'ERR_STORE_UNAVAILABLE', 1, ''],
  },
  'a list shows the sessions of a user, and no secrets': {
    async run({ browser, user, node, clock }) {
      const [laptop, phone] = [browser(), browser()]
      await laptop.login(user('ann'), { data: { cart: [1] } })
      clock.advance(1)
      const id = await phone.login(user('ann'), { device: { userAgent: 'phone' } })
      const list = await node.sessions.list(user('ann'))
      const named = list
        .flatMap((each) => Object.keys(each))
        .filter((key) => /hash|data|secret/.test(key))
      return [list.length, list[0]?.id === id, list[0]?.device, named]
    },
    expected: [2, true, { userAgent: 'phone' }, []],
  },
  'destroy ends one session by its id, for its owner only': {
    async run({ browser, user, node }) {
      const laptop = browser()
      const id = await laptop.login(user('ann'))
      const foreign = await node.sessions.destroy(id, { userId: user('bob') })
      const own = await node.sessions.destroy(id, { userId: user('ann') })
      return [foreign, own, await bodies(laptop)]
    },
    expected: [false, true, ['nobody']],
  },
  'the most sessions of a user: the least recently seen ends': {
    async run({ user, another, clock }) {
      const node = await another({ maxSessionsPerUser: 2 })
      const all = [new Browser(node), new Browser(node), new Browser(node)]
      for (const each of all) {
        await each.login(user('ann'))
        clock.advance(1)
      }
      return bodies(...all)
    },
    expected: ['nobody', 'ann', 'ann'],
  },
  'a signal aborts when its session ends on this node': {
    async run({ browser, user }) {
      const laptop = browser()
      await laptop.login(user('ann'))
      const signals = await signalOf(laptop)
      const before = signals.aborted
      await laptop.ask(logout)
      return [before, await until(() => signals.aborted)]
    },
    expected: [false, true],
  },
  'a signal aborts when its session ends on another node': {
    async run({ browser, user, another }) {
      const laptop = browser()
      await laptop.login(user('ann'))
      const signal = await signalOf(laptop.copy(await another()))
      const before = signal.aborted
      await laptop.ask(logout)
      return [before, await until(() => signal.aborted)]
    },
    expected: [false, true],
  },
  'a signal aborts when its user is revoked on another node': {
    async run({ browser, user, another, node }) {
      const laptop = browser()
      await laptop.login(user('ann'))
      const signal = await signalOf(laptop.copy(await another()))
      await node.sessions.revokeAll(user('ann'))
      return until(() => signal.aborted)
    },
    expected: true,
  },
  'cached reads spare the store, and end with the session': {
    async run({ browser, user, another, store }) {
      const laptop = browser()
      await laptop.login(user('ann'))
      let reads = 0
      const counted = replacing(store, {
        read(...given) {
          reads++
          return store.read(...given)
        },
      })
      const node = await another({ store: counted, cache: { max: 10, maxAge: 60 } })
      const cached = laptop.copy(node)
      const isCached = await until(async () => {
        await cached.copy().ask()
        const before = reads
        const { body } = await cached.copy().ask()
        return body !== 'nobody' && reads === before
      })
      await cached.copy().ask(logout)
      return [isCached, await bodies(cached)]
    },
    expected: [true, ['nobody']],
  },
}

async function signalOf(browser: Browser): Promise<AbortSignal> {
  let signal: AbortSignal | undefined
  await browser.copy().ask((session) => {
    ;({ signal } = session)
  })
  if (signal === undefined) throw new Error('The session was not there')
  return signal
}

function failing(store: SessionStore, operation: 'read' | 'delete'): SessionStore {
  return replacing(store, {
    async [operation]() {
      throw new Error('out of reach')
    },
  })
}

/** A store of which some calls do something else; its methods may be a class's. */
function replacing(store: SessionStore, methods: Partial<SessionStore>): SessionStore {
  return new Proxy(store, {
    get(target, key) {
      const own: unknown = Reflect.get(methods, key)
      if (own !== undefined) return own
      const value: unknown = Reflect.get(target, key)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
