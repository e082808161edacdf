import { classicWays } from './classic.ts'
import { logOutEachWay, newVisitor, type Lab } from './lab.ts'
import {
  measurePasswordChange,
  signIn,
  SLOW_MS,
  TRIES,
  whoami,
  type PasswordOutcome,
  type Visitor,
} from './measure.ts'
import type { Progress } from './progress.ts'
import { isRealLogout, isRealRevocation, logoutTable, passwordTable, type Row } from './report.ts'
import { newSecret } from './secret.ts'

export interface Tour {
  readonly lab: Lab
  readonly progress: Progress
  readonly stop: AbortSignal
}

/** Resolves to whether Adjourn did everything right. */
export async function playTour(tour: Tour): Promise<boolean> {
  const { lab, progress, stop } = tour
  const visitor = await newVisitor(lab, stop)
  await signInTwice(tour, visitor)

  progress.print(
    `\nSeven ways to log out. The last column: ${TRIES} logouts, each during a request that\n` +
      `reads its session, works ${SLOW_MS} ms and saves. A real logout (✓) is: no, yes, no, 0.\n`,
  )
  const logouts = await logOutEachWay(lab, visitor, (step) => progress.step(`  ${step}`))
  progress.print(logoutTable(logouts))

  progress.print(
    `\nOne of two browsers changes the password, which ends the session of the other.\n`,
  )
  const passwords = await changePasswords(tour, visitor)
  progress.print(passwordTable(passwords))

  return (
    logouts.slice(classicWays.length).every(({ outcome }) => isRealLogout(outcome)) &&
    passwords.every(({ outcome }) => isRealRevocation(outcome))
  )
}

async function signInTwice({ lab, progress }: Tour, visitor: Visitor): Promise<void> {
  for (const site of [lab.onExpress, lab.onHono]) {
    const { user, session } = await whoami(await signIn(site, visitor))
    progress.print(`A browser is signed in on ${site.name} as ${user}, session ${session}.`)
  }
}

async function changePasswords(tour: Tour, visitor: Visitor): Promise<Row<PasswordOutcome>[]> {
  const { onExpress, onHono } = tour.lab
  const rows: Row<PasswordOutcome>[] = []
  let { password } = visitor
  for (const sites of [
    { first: onExpress, second: onHono },
    { first: onHono, second: onExpress },
  ]) {
    const label = `on ${sites.first.name}; second browser on ${sites.second.name}`
    tour.progress.step(`  ${label}`)
    const next = newSecret()
    const outcome = await measurePasswordChange(sites, { ...visitor, password }, next)
    password = next
    rows.push({ label, outcome })
  }
  return rows
}
