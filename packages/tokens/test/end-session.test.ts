import { describe, expect, test } from 'vitest'
import { endSessionUrl, type EndSessionOptions } from '../src/index.ts'

const endpoint = 'https://provider.example/logout'
const idTokenHint = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl'

test('all parameters are part of the address, as they are', () => {
  const url = new URL(
    endSessionUrl({
      endpoint: `${endpoint}?tenant=a%20b`,
      idTokenHint,
      postLogoutRedirectUri: 'https://app.example',
      state: 'a&b=c',
      clientId: 'app',
      logoutHint: 'ann',
      uiLocales: 'de en',
    }),
  )
  expect(url.origin + url.pathname).toBe(endpoint)
  expect(Object.fromEntries(url.searchParams)).toEqual({
    tenant: 'a b',
    id_token_hint: idTokenHint,
    // Providers compare it as a text.
    post_logout_redirect_uri: 'https://app.example',
    state: 'a&b=c',
    client_id: 'app',
    logout_hint: 'ann',
    ui_locales: 'de en',
  })
})

test('what is not given is left out', () => {
  expect(endSessionUrl({ endpoint: new URL(endpoint), idTokenHint: undefined })).toBe(endpoint)
  expect(endSessionUrl({ endpoint: 'http://127.0.0.1:3001/logout', clientId: 'app' })).toBe(
    'http://127.0.0.1:3001/logout?client_id=app',
  )
})

test('an app of a phone may be where it goes on', () => {
  const postLogoutRedirectUri = 'com.example.app:/done'
  const url = endSessionUrl({ endpoint, clientId: 'app', postLogoutRedirectUri })
  expect(new URL(url).searchParams.get('post_logout_redirect_uri')).toBe(postLogoutRedirectUri)
})

describe('what is wrong is named, without its value', () => {
  test.each<[string, object]>([
    ['endpoint is missing', {}],
    ['endpoint must be', { endpoint: 'http://provider.example/secret' }],
    ['endpoint must be', { endpoint: '/secret' }],
    ['endpoint must be', { endpoint: `${endpoint}#secret` }],
    ['endpoint must be', { endpoint: 'https://a:secret@provider.example/' }],
    ['endpoint must be', { endpoint: 'javascript:secret()' }],
    ['idTokenHint must be an ID token', { endpoint, idTokenHint: 'secret' }],
    ['idTokenHint must be an ID token', { endpoint, idTokenHint: { token: 'secret' } }],
    [
      'postLogoutRedirectUri must be',
      { endpoint, clientId: 'a', postLogoutRedirectUri: '/secret' },
    ],
    [
      'postLogoutRedirectUri needs',
      { endpoint, postLogoutRedirectUri: 'https://app.example/secret' },
    ],
    ['state must be', { endpoint, state: '' }],
    ['post_logout_redirect_uri is not an option', { endpoint, post_logout_redirect_uri: 'secret' }],
  ])('%s', (message, options) => {
    const make = (): string => endSessionUrl(options as EndSessionOptions)
    expect(make).toThrow(message)
    expect(make).not.toThrow('secret')
  })
})
