import { getRequestListener } from '@hono/node-server'
import { memoryTable } from './account-tables.ts'
import { createAccounts, type Accounts } from './accounts.ts'
import { expressApp } from './adjourn-express.ts'
import { honoApp } from './adjourn-hono.ts'
import { createAudit } from './audit.ts'
import { classicApp, classicCookie, classicWays } from './classic.ts'
import type { Demo } from './demo.ts'
import {
  measureLogout,
  SLOW_MS,
  type LogoutOutcome,
  type LogoutWay,
  type Site,
  type Visitor,
} from './measure.ts'
import type { Row } from './report.ts'
import { newSecret } from './secret.ts'
import { listen, type RunningServer } from './server.ts'
import { openSessions } from './sessions.ts'
import type { Storage } from './storage.ts'

/** Apps to measure: those of the demo, on a storage that can be looked into, and with no user yet. */
export interface Lab extends AsyncDisposable {
  readonly onExpress: Site
  readonly onHono: Site
  readonly accounts: Accounts
  readonly storage: Storage
}

export async function openLab(storage: Storage): Promise<Lab> {
  await using opened = new AsyncDisposableStack()
  const sessions = openSessions({ store: storage.sessions, secret: newSecret() })
  opened.defer(() => sessions.close())
  const accounts = createAccounts(memoryTable())
  const [express, hono] = [opened.use(await listen()), opened.use(await listen())]
  const ports = { Express: express.port, Hono: hono.port }
  const demo: Demo = { sessions, accounts, audit: createAudit(), ports }
  express.answer(expressApp(demo))
  hono.answer(getRequestListener(honoApp(demo).fetch))

  const site = (name: string, { url }: RunningServer): Site => ({
    name,
    url,
    cookie: 'session',
    hasRecord: (session) => storage.hasSession(session),
  })
  const rest = opened.move()
  return {
    onExpress: site('Express', express),
    onHono: site('Hono', hono),
    accounts,
    storage,
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  }
}

/** Somebody with an account, who can sign in everywhere in the lab. */
export async function newVisitor({ accounts }: Lab, stop: AbortSignal): Promise<Visitor> {
  const visitor = { user: 'visitor', password: newSecret(), stop }
  await accounts.add({ user: visitor.user, tags: [] }, visitor.password)
  return visitor
}

/** Calls back before each way, with what there is so far. */
export async function logOutEachWay(
  { onExpress, onHono, storage, accounts }: Lab,
  visitor: Visitor,
  onStep: (step: string, rows: readonly Row<LogoutOutcome>[]) => void,
): Promise<Row<LogoutOutcome>[]> {
  await using server = await listen()
  server.answer(classicApp(storage.classic, accounts, SLOW_MS))
  const classic: Site = {
    name: 'express-session',
    url: server.url,
    cookie: classicCookie,
    hasRecord: (session) => storage.hasClassic(session),
  }
  const ways: readonly LogoutWay[] = [
    ...classicWays.map(({ code }, n) => ({ code, site: classic, path: `/logout/${n}` })),
    { code: 'await session.end() on Express', site: onExpress, path: '/logout' },
    { code: 'await session.end() on Hono', site: onHono, path: '/logout' },
  ]
  const rows: Row<LogoutOutcome>[] = []
  for (const way of ways) {
    onStep(`${rows.length + 1} of ${ways.length}: ${way.code}`, [...rows])
    rows.push({ label: way.code, outcome: await measureLogout(way, visitor) })
  }
  return rows
}
