import type { Revocation, SessionRecord } from '@adjourn/core'

export const NOW: Date = new Date('2060-01-01T12:00:00.000Z')

export const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000)

let names = 0

/** A name that nothing else has, in this process or another. */
export const name = (what: string): string => `${what}-${process.pid}-${names++}`

export const record = (fields: Partial<SessionRecord> = {}): SessionRecord => ({
  id: name('session'),
  secretHash: 'hash',
  userId: 'ann',
  groups: [{ group: 'everyone', epoch: null }],
  data: '{"count":0}',
  version: 1,
  createdAt: NOW,
  authenticatedAt: NOW,
  lastSeenAt: NOW,
  expiresAt: later(3600),
  endsAt: later(86_400),
  ...fields,
})

export const member = (group: string, epoch: number | null = null): SessionRecord =>
  record({ groups: [{ group, epoch }] })

export const revocation = (group: string, now: Date = NOW): Revocation => ({
  group,
  now,
  expiresAt: new Date(now.getTime() + 400 * 86_400_000),
})
