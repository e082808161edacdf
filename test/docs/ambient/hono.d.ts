import type { Env } from '@adjourn/hono'
import type { TokenKey } from '@adjourn/tokens'
import type { Context, Hono } from 'hono'

declare global {
  const app: Hono<Env>
  const c: Context<Env>
  const issuer: string
  const clientId: string
  const keys: readonly TokenKey[]
  const metadata: { readonly jwks_uri: string }

  function exchangeCode(url: string): Promise<{ sub: string; sid?: string }>
  function userOf(issuer: string, subject: string): Promise<string>
}
