import { createSessions, memoryStore, type Sessions } from '@adjourn/core'
import { accessTokens, generateTokenKey } from '@adjourn/tokens'
import {
  allowInsecureRequests,
  validateJwtAccessToken,
  type AuthorizationServer,
  type JWTAccessTokenClaims,
} from 'oauth4webapi'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Listening } from '../conformance/bindings/listen.ts'
import { get } from '../support/http.ts'
import { apps, KEYS } from './token-apps.ts'

const [ISSUER, AUDIENCE] = ['https://app.example', 'https://api.example']

for (const [framework, start] of apps) {
  for (const alg of ['EdDSA', 'ES256', 'RS256'] as const) {
    describe(`${alg}, published by ${framework}`, () => {
      let sessions: Sessions
      let app: Listening

      beforeEach(async () => {
        sessions = createSessions({ secrets: 'x'.repeat(32), store: memoryStore() })
        const others = await Promise.all(
          (['EdDSA', 'ES256', 'RS256'] as const).map((other) => generateTokenKey({ alg: other })),
        )
        const keys = [await generateTokenKey({ alg }), ...others]
        const options = { issuer: ISSUER, audience: AUDIENCE, clientId: 'web', keys }
        app = await start(sessions, accessTokens(sessions, options))
      })
      afterEach(async () => {
        await app.close()
        await sessions.close()
      })

      const verify = (
        token: string,
        { issuer = ISSUER, audience = AUDIENCE, algorithm = alg } = {},
      ): Promise<JWTAccessTokenClaims> => {
        const server: AuthorizationServer = { issuer, jwks_uri: `${app.at}${KEYS}` }
        const headers = { authorization: `Bearer ${token}` }
        return validateJwtAccessToken(server, new Request(AUDIENCE, { headers }), audience, {
          [allowInsecureRequests]: true,
          signingAlgorithms: [algorithm],
        })
      }

      it('verifies with oauth4webapi', async () => {
        const { body: sid, setCookies } = await get(`${app.at}/login?user=ann`)
        const [cookie = ''] = (setCookies[0] ?? '').split(';')
        const { body: token } = await get(`${app.at}/token`, { cookie })
        const claims = await verify(token)
        expect(claims).toMatchObject({
          iss: ISSUER,
          aud: AUDIENCE,
          sub: 'ann',
          client_id: 'web',
          sid,
        })
        expect(claims.exp - claims.iat).toBe(300)
        expect(claims['auth_time']).toBeLessThanOrEqual(claims.iat)
        await expect(verify(token, { issuer: 'https://other.example' })).rejects.toThrow()
        await expect(verify(token, { audience: 'https://other.example' })).rejects.toThrow()
        const algorithm = alg === 'ES256' ? 'RS256' : 'ES256'
        await expect(verify(token, { algorithm })).rejects.toThrow()
        await expect(verify(`${token.slice(0, -9)}AAAAAAAAA`)).rejects.toThrow()
      })
    })
  }
}
