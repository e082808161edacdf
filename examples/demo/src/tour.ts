import { randomBytes } from 'node:crypto'
import type { Accounts } from '@adjourn/example-accounts'
import { classicApp, classicCookie, classicWays } from './classic.ts'
import {
  measureLogout,
  measurePasswordChange,
  signIn,
  SLOW_MS,
  TRIES,
  whoami,
  type LogoutOutcome,
  type LogoutWay,
  type PasswordOutcome,
  type Site,
  type Visitor,
} from './measure.ts'
import type { Progress } from './progress.ts'
import { isRealLogout, isRealRevocation, logoutTable, passwordTable, type Row } from './report.ts'
import { serve } from './server.ts'
import type { Storage } from './storage.ts'

export interface Tour {
  readonly onExpress: Site
  readonly onHono: Site
  readonly accounts: Accounts
  readonly storage: Storage
  readonly progress: Progress
  readonly stop: AbortSignal
}

/** Resolves to whether Adjourn did everything right. */
export async function playTour(tour: Tour): Promise<boolean> {
  const { accounts, progress, stop } = tour
  const visitor: Visitor = { user: 'visitor', password: newPassword(), stop }
  await accounts.setPassword(visitor.user, visitor.password)
  await signInTwice(tour, visitor)

  progress.print(
    `\nSeven ways to log out. The last column: ${TRIES} logouts, each during a request that\n` +
      `reads its session, works ${SLOW_MS} ms and saves. A real logout (✓) is: no, yes, no, 0.\n`,
  )
  const logouts = await logOutEachWay(tour, visitor)
  progress.print(logoutTable(logouts))

  progress.print(
    `\nOne of two browsers changes the password, which calls session.revokeOthers().\n`,
  )
  const passwords = await changePasswords(tour, visitor)
  progress.print(passwordTable(passwords))

  return (
    logouts.slice(classicWays.length).every(({ outcome }) => isRealLogout(outcome)) &&
    passwords.every(({ outcome }) => isRealRevocation(outcome))
  )
}

async function signInTwice({ onExpress, onHono, progress }: Tour, visitor: Visitor): Promise<void> {
  for (const site of [onExpress, onHono]) {
    const { user, session } = await whoami(await signIn(site, visitor))
    progress.print(`A browser is signed in on ${site.name} as ${user}, session ${session}.`)
  }
}

async function logOutEachWay(tour: Tour, visitor: Visitor): Promise<Row<LogoutOutcome>[]> {
  const { onExpress, onHono, storage, progress } = tour
  await using server = await serve(classicApp(storage.classic, tour.accounts, SLOW_MS))
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
    progress.step(`  ${rows.length + 1} of ${ways.length}: ${way.code}`)
    rows.push({ label: way.code, outcome: await measureLogout(way, visitor) })
  }
  return rows
}

async function changePasswords(tour: Tour, visitor: Visitor): Promise<Row<PasswordOutcome>[]> {
  const { onExpress, onHono, progress } = tour
  const rows: Row<PasswordOutcome>[] = []
  let { password } = visitor
  for (const sites of [
    { first: onExpress, second: onHono },
    { first: onHono, second: onExpress },
  ]) {
    const label = `on ${sites.first.name}; second browser on ${sites.second.name}`
    progress.step(`  ${label}`)
    const next = newPassword()
    const outcome = await measurePasswordChange(sites, { ...visitor, password }, next)
    password = next
    rows.push({ label, outcome })
  }
  return rows
}

function newPassword(): string {
  return randomBytes(12).toString('base64url')
}
