import { createSessions, memoryStore, SessionError } from '@adjourn/core'
import { describe, expect, test } from 'vitest'
import { backchannelLogout, type BackchannelLogoutOptions } from '../src/index.ts'
import { CLIENT, ISSUER, keySet, providerKey } from './provider.ts'

const jwks = await keySet(await providerKey('k1'))

describe('options', () => {
  const sessions = createSessions({ store: memoryStore(), secrets: 'a'.repeat(32) })
  const make = (options: object) => () =>
    backchannelLogout(sessions, options as BackchannelLogoutOptions)

  test('that are wrong are all named, without their values', () => {
    const wrong = {
      issuer: '',
      algorithms: ['HS256'],
      requireType: 'secret-value',
      maxAge: -1,
      clock: 1,
      audience: 'secret-value',
    }
    expect(make(wrong)).toThrow(SessionError)
    expect(make(wrong)).toThrow(
      'clientId is missing; jwks is missing; issuer must be a non-empty string; algorithms must be ' +
        'one or more of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, Ed25519, EdDSA; ' +
        'requireType must be true or false; maxAge must be a number of seconds above 0; ' +
        'clock must be an object with now(); audience is not an option.',
    )
    expect(make(wrong)).not.toThrow('secret-value')
  })

  test.each([
    ['an http address', 'http://provider.example/keys'],
    ['no address', 'keys'],
    ['another scheme', 'file:///etc/passwd'],
    ['an address with a password', 'https://a:b@provider.example/keys'],
    ['no key set', { keys: 'none' }],
    ['a number', 7],
    ['null', null],
    ['a private key', { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'secret-value' }] }],
    ['a shared secret', { keys: [{ kty: 'oct', k: 'secret-value' }] }],
  ])('jwks cannot be %s', (_name, given) => {
    const create = make({ issuer: ISSUER, clientId: CLIENT, jwks: given })
    expect(create).toThrow(expect.objectContaining({ code: 'ERR_CONFIG' }) as Error)
    expect(create).not.toThrow('secret-value')
  })

  test.each([['none'], [[]], [['none']], ['RS256'], [['RS256', 'HS256']]])(
    'algorithms cannot be %j',
    (algorithms) => {
      expect(make({ issuer: ISSUER, clientId: CLIENT, jwks, algorithms })).toThrow('algorithms')
    },
  )
})
