import {
  createSessions,
  memoryStore,
  type Session,
  type SessionError,
  type Sessions,
} from '@adjourn/core'
import { faultyStore, manualClock, type FaultyStore, type ManualClock } from '@adjourn/core/testing'
import { CompactSign, importJWK } from 'jose'
import { accessTokens, generateTokenKey } from '../../src/index.ts'
import type {
  AccessTokens,
  AccessTokensOptions,
  TokenAlgorithm,
  TokenKey,
} from '../../src/index.ts'

export const ISSUER = 'https://app.example'
export const AUDIENCE = 'https://api.example'

export interface World {
  readonly clock: ManualClock
  readonly store: FaultyStore
  readonly sessions: Sessions
  readonly key: TokenKey
  readonly tokens: AccessTokens
  visit(): Promise<Session>
  signIn(userId?: string): Promise<Session>
}

/** Sessions and their tokens, on a clock that stands still. */
export async function world(
  options: Partial<AccessTokensOptions> = {},
  alg: TokenAlgorithm = 'EdDSA',
): Promise<World> {
  const clock = manualClock()
  const store = faultyStore(memoryStore())
  const sessions = createSessions({ secrets: 'the-secret-of-the-token-tests-32', store, clock })
  const key = await generateTokenKey({ alg })
  const visit = (): Promise<Session> =>
    sessions.load({ header: () => undefined, headersSent: () => false, queue: () => {} })
  return {
    clock,
    store,
    sessions,
    key,
    tokens: accessTokens(sessions, {
      issuer: ISSUER,
      audience: AUDIENCE,
      keys: [key],
      clock,
      ...options,
    }),
    visit,
    async signIn(userId = 'ann') {
      const session = await visit()
      await session.create({ userId })
      return session
    },
  }
}

export interface Parts {
  readonly header: Record<string, unknown>
  readonly claims: Record<string, unknown>
}

export function partsOf(token: string): Parts {
  const [header, claims] = token.split('.').slice(0, 2).map(objectOf)
  return { header: header ?? {}, claims: claims ?? {} }
}

function objectOf(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
}

/** A token that is signed as ours are and says whatever a test wants; undefined takes away. */
export async function forge(
  key: TokenKey,
  token: string,
  { header, claims }: { header?: object; claims?: object },
): Promise<string> {
  const parts = partsOf(token)
  const payload = new TextEncoder().encode(JSON.stringify({ ...parts.claims, ...claims }))
  const protectedHeader = JSON.parse(
    JSON.stringify({ ...parts.header, ...header }),
  ) as Parts['header'] & { alg: string }
  return new CompactSign(payload)
    .setProtectedHeader(protectedHeader)
    .sign(await importJWK({ ...key }, key.alg))
}

/** What a call rejects with. */
export async function rejection(call: Promise<unknown>): Promise<SessionError> {
  try {
    await call
  } catch (error) {
    return error as SessionError
  }
  throw new Error('It did not reject')
}
