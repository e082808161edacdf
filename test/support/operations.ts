import type { SessionStore } from '@adjourn/core'
import { expect } from 'vitest'
import { later, member, NOW, revocation } from './records.ts'

type Try = (store: SessionStore, id?: string) => unknown

/** Each operation of the port, tried on a session or a group that need not exist. */
export const OPERATIONS: Readonly<Record<string, Try>> = {
  read: (store, id = 'a') => store.read(id, ['g']),
  insert: (store) => store.insert(member('g')),
  update: (store, id = 'a') => store.update(id, { version: 1, now: NOW }, { data: '{}' }),
  touch: (store, id = 'a') =>
    store.touch([{ id, lastSeenAt: later(1), expiresAt: later(7200) }], NOW),
  delete: (store, id = 'a') => store.delete(id),
  list: (store) => store.list('g', NOW),
  revoke: (store) => store.revoke(revocation('g')),
  purge: (store) => store.purge({ group: 'g', epoch: 1, keep: [], expiresAt: later(1) }),
} satisfies Record<Exclude<keyof SessionStore, 'close' | 'watch'>, Try>

interface Outage {
  readonly code: string
  readonly message: string
  readonly cause?: unknown
  /** Seconds until it was known. */
  readonly after: number
}

/** How an operation fails. */
export async function outageOf(run: () => unknown): Promise<Outage> {
  const started = performance.now()
  const error: unknown = await Promise.resolve(run()).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  const after = (performance.now() - started) / 1000
  expect(error).toMatchObject({ name: 'SessionError', code: 'ERR_STORE_UNAVAILABLE' })
  const { code, message, cause } = error as Outage
  return { code, message, cause, after }
}

/** The names of the errors underneath, from the outside to the inside. */
export function causesOf(error: Pick<Outage, 'cause'>): string[] {
  const { cause } = error
  return cause instanceof Error ? [cause.name, ...causesOf(cause)] : []
}
