import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSessions, memoryStore, type Sessions } from '@adjourn/core'
import { session, sessionOf } from '@adjourn/express'
import { faultyStore, manualClock, type FaultyStore, type ManualClock } from '@adjourn/core/testing'
import express, { type Express } from 'express'
import { partsOf } from './compile.ts'
import type { Block } from './documents.ts'
import { writeBlock } from './running.ts'

/** What the blocks use without declaring it, see ambient/common.d.ts. */
interface Names {
  readonly app: Express
  readonly sessions: Sessions
  readonly store: FaultyStore
  readonly checkPassword: (user: string, password: unknown) => Promise<boolean>
  readonly changePassword: (user: string, password: string) => Promise<void>
  readonly takeResetToken: (token: string) => Promise<string | undefined>
  readonly disableAccount: (user: string) => Promise<void>
  readonly isDisabled: (user: string) => Promise<boolean>
}

/** A browser: it keeps cookies. */
export interface Browser {
  readonly cookies: Map<string, string>
  get(path: string): Promise<Reply>
  post(
    path: string,
    form?: Record<string, string>,
    headers?: Record<string, string>,
  ): Promise<Reply>
  /** Somebody else, with a copy of its cookies. */
  copy(): Browser
}

interface Reply {
  readonly status: number
  readonly location: string | null
  readonly body: string
}

/** A recipe that runs. */
export interface World extends AsyncDisposable {
  readonly sessions: Sessions
  readonly store: FaultyStore
  readonly clock: ManualClock
  browser(): Browser
  /** Holds the next check of a password once it is done, until the function is called. */
  holdCheck(): { reached: Promise<void>; letGo: () => void }
}

/**
 * Runs the code of a recipe as it stands. Added are `POST /sign-in`, for recipes without a login, and
 * `/whoami`, for the tests to look.
 */
export async function startRecipe(block: Block): Promise<World> {
  const clock = manualClock()
  const store = faultyStore(memoryStore())
  const sessions = createSessions({ secrets: 'the-secret-of-the-recipes-that-run', store, clock })
  const app = express()
  app.use(session(sessions), express.urlencoded({ extended: false }))
  app.post('/sign-in', async (req, res) => {
    const { user } = req.body as { user: string }
    await sessionOf(req).create({ userId: user })
    res.sendStatus(204)
  })
  const { names, holdCheck } = accounts()
  const { path, folder } = await writeBlock('recipe.ts', installer(block))
  const { install } = (await import(path)) as { install: (given: Names) => Promise<void> }
  await install({ app, sessions, store, ...names })
  app.all('/whoami', (req, res) => {
    res.send(sessionOf(req).userId ?? 'nobody')
  })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    sessions,
    store,
    clock,
    holdCheck,
    browser: () => createBrowser(at),
    async [Symbol.asyncDispose]() {
      await stop(server)
      await rm(folder, { recursive: true })
    },
  }
}

function installer(block: Block): string {
  const { imports, body } = partsOf(block)
  const names: readonly (keyof Names)[] = [
    'app',
    'sessions',
    'store',
    'checkPassword',
    'changePassword',
    'takeResetToken',
    'disableAccount',
    'isDisabled',
  ]
  const used = names.filter((name) => !new RegExp(`const ${name} =`).test(body))
  return `${imports}\nexport async function install({ ${used.join(', ')} }) {${body}\n}\n`
}

/** Ada and Bob, each with the password "old". */
function accounts(): {
  names: Omit<Names, 'app' | 'sessions' | 'store'>
  holdCheck: World['holdCheck']
} {
  const passwords = new Map([
    ['ada', 'old'],
    ['bob', 'old'],
  ])
  const disabled = new Set<string>()
  const tokens = new Map([['token-of-ada', 'ada']])
  let hold: { reach: () => void; free: Promise<void> } | undefined
  return {
    names: {
      async checkPassword(user, password) {
        const isRight = passwords.get(user) === password
        const held = hold
        hold = undefined
        held?.reach()
        await held?.free
        return isRight
      },
      changePassword: async (user, password) => void passwords.set(user, password),
      async takeResetToken(token) {
        const user = tokens.get(token)
        tokens.delete(token)
        return user
      },
      disableAccount: async (user) => void disabled.add(user),
      isDisabled: async (user) => disabled.has(user),
    },
    holdCheck() {
      const [reached, free] = [gate(), gate()]
      hold = { reach: reached.open, free: free.opened }
      return { reached: reached.opened, letGo: free.open }
    },
  }
}

function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

function createBrowser(at: string, cookies = new Map<string, string>()): Browser {
  async function ask(path: string, init: RequestInit): Promise<Reply> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { cookie, ...(init.headers as Record<string, string>) }
    const response = await fetch(`${at}${path}`, { ...init, headers, redirect: 'manual' })
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      if (set.includes('Max-Age=0')) cookies.delete(name)
      else cookies.set(name, value)
    }
    const { status } = response
    return { status, location: response.headers.get('location'), body: await response.text() }
  }
  return {
    cookies,
    get: (path) => ask(path, {}),
    post: (path, form = {}, headers = {}) =>
      ask(path, { method: 'POST', body: new URLSearchParams(form), headers }),
    copy: () => createBrowser(at, new Map(cookies)),
  }
}

async function stop(server: Server): Promise<void> {
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}
