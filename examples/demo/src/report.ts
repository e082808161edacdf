import { TRIES, type LogoutOutcome, type PasswordOutcome } from './measure.ts'
import { table } from './table.ts'

export interface Row<Outcome> {
  readonly label: string
  readonly outcome: Outcome
}

/** Unproven: the slow requests hardly ever met a logout. */
export type Verdict = 'real' | 'unproven' | 'none'

export function verdictOf(outcome: LogoutOutcome): Verdict {
  const { deletionCookie, recordAtReply, recordLater, cookieWorks, races } = outcome
  const isOver = deletionCookie && !recordAtReply && !recordLater && !cookieWorks
  if (!isOver || !races.every((race) => race.signedOut && !race.back)) return 'none'
  return races.length >= TRIES / 2 ? 'real' : 'unproven'
}

export function isRealLogout(outcome: LogoutOutcome): boolean {
  return verdictOf(outcome) === 'real'
}

export function isRealRevocation(outcome: PasswordOutcome): boolean {
  const { firstSignedIn, firstOldCookieWorks, secondSignedIn, secondRecord } = outcome
  return firstSignedIn && !firstOldCookieWorks && !secondSignedIn && !secondRecord
}

export function logoutTable(rows: readonly Row<LogoutOutcome>[]): string {
  return table(
    [
      '\n  way to log out',
      'record\nleft?',
      'deletion\ncookie?',
      'cookie still\nworks?',
      'a slow request\nundoes it',
    ],
    rows.map(({ label, outcome }) => [
      `${mark(isRealLogout(outcome))} ${label}`,
      recordLeft(outcome),
      `${yesNo(outcome.deletionCookie)}${failure(outcome.status)}`,
      yesNo(outcome.cookieWorks),
      undone(outcome),
    ]),
  )
}

export function passwordTable(rows: readonly Row<PasswordOutcome>[]): string {
  return table(
    [
      '\n  password changed',
      'second browser\nsigned in?',
      'its record\nleft?',
      'first browser\nsigned in?',
      'its old cookie\nworks?',
    ],
    rows.map(({ label, outcome }) => [
      `${mark(isRealRevocation(outcome))} ${label}${failure(outcome.status)}`,
      yesNo(outcome.secondSignedIn),
      yesNo(outcome.secondRecord),
      yesNo(outcome.firstSignedIn),
      yesNo(outcome.firstOldCookieWorks),
    ]),
  )
}

const mark = (right: boolean): string => (right ? '✓' : '✗')
export const yesNo = (value: boolean): string => (value ? 'yes' : 'no')

export function failure(status: number): string {
  if (status === 0) return ' (no reply)'
  return status < 400 ? '' : ` (HTTP ${status})`
}

export function recordLeft({ recordAtReply, recordLater }: LogoutOutcome): string {
  return recordAtReply && !recordLater ? 'briefly' : yesNo(recordLater)
}

export function undone({ races }: LogoutOutcome): string {
  if (races.length === 0) return 'never met'
  if (!races.some((race) => race.signedOut)) return 'was never out'
  return `${races.filter((race) => race.back).length} of ${races.length}`
}
