/** Access tokens and provider logouts on Web standards. */
import { createSessions } from '@adjourn/core'
import { session } from '@adjourn/hono'
import { accessTokens, backchannelLogout, generateTokenKey, remoteKeys } from '@adjourn/tokens'
import { requireToken } from '@adjourn/tokens/hono'
import { Hono } from 'hono'

const sessions = createSessions({ secrets: 'a-secret-of-thirty-two-characters' })
const tokens = accessTokens(sessions, {
  issuer: 'https://app.example',
  audience: 'https://api.example',
  keys: [await generateTokenKey()],
})

const logout = backchannelLogout(sessions, {
  issuer: 'https://provider.example',
  clientId: 'app',
  jwks: remoteKeys('https://provider.example/jwks'),
})

export const app = new Hono()
  .post('/token', session(sessions), async (c) =>
    c.json({ token: await tokens.issue(c.var.session) }),
  )
  .get('/me', requireToken(tokens), (c) => c.json(c.var.token.claims.sub))
  .post('/backchannel-logout', (c) => logout(c.req.raw))
