import { core, type Mutant } from './mutant.ts'

const tokens = (file: string): string => `packages/tokens/src/${file}.ts`
const testOf = (file: string): string[] => [`packages/tokens/test/${file}.test.ts`]

const ACCESS: Mutant[] = [
  {
    name: 'an access token of any type',
    file: tokens('token-signature'),
    edits: [["if (typ !== TYPE) throw invalid('type')\n", '']],
    tests: testOf('access-tokens'),
    only: 'an ID token',
  },
  {
    name: 'an access token for another audience',
    file: tokens('token-claims'),
    edits: [["if (given.aud !== options.audience) throw invalid('audience')\n", '']],
    tests: testOf('access-tokens'),
    only: 'another audience|no audience',
  },
  {
    name: 'an access token that never expires',
    file: tokens('token-claims'),
    edits: [
      ['if (!isInstant(exp) || !isInstant(iat))', 'if (!isInstant(iat))'],
      ['if (!(now < exp + CLOCK_SKEW))', 'if (now >= exp + CLOCK_SKEW)'],
    ],
    tests: testOf('access-tokens'),
    only: 'no expiry',
  },
  {
    name: 'an access token whose session is over',
    file: tokens('access-tokens'),
    edits: [["if (session === undefined) throw invalid('session')\n", '']],
    tests: testOf('access-tokens'),
    only: 'as soon as its session is over',
  },
  {
    name: "an access token with somebody else's session",
    file: tokens('access-tokens'),
    edits: [['sessions.find(sid, { userId: sub })', 'sessions.find(sid)']],
    tests: testOf('access-tokens'),
    only: 'a session of another user',
  },
  {
    name: 'an access token that outlives its session',
    file: tokens('token-claims'),
    edits: [
      ['Math.min(now + options.ttl * 1000, expiresAt.getTime())', 'now + options.ttl * 1000'],
    ],
    tests: testOf('access-tokens'),
    only: 'never outlives the session',
  },
  {
    name: 'a key for whatever algorithm a token names',
    file: tokens('token-signature'),
    edits: [["if (key.alg !== alg) throw invalid('algorithm')\n", '']],
    tests: testOf('token-keys'),
    only: 'are each for one algorithm',
  },
  {
    name: 'private keys in the key set',
    file: tokens('token-keys'),
    edits: [['jwk: { ...publicJwk, kid', 'jwk: { ...privateJwk, kid']],
    tests: testOf('token-keys'),
    only: 'holds the public halves and nothing else',
  },
]

const LOGOUT: Mutant[] = [
  {
    name: 'a logout token that does not expire',
    file: tokens('backchannel-logout'),
    edits: [["requireExpiry ? ['jti', 'exp'] : ['jti']", "['jti']"]],
    tests: testOf('backchannel-logout'),
    only: 'with no exp$',
  },
  {
    name: 'a logout token with any asymmetric algorithm',
    file: tokens('backchannel-logout'),
    edits: [['options.algorithms ?? DEFAULT_ALGORITHMS', 'DEFAULT_ALGORITHMS']],
    tests: testOf('backchannel-logout'),
    only: 'an algorithm that is not on the list',
  },
  {
    name: 'a logout token with a nonce',
    file: tokens('backchannel-logout'),
    edits: [["if ('nonce' in payload) throw new Refusal('The token has a nonce')\n", '']],
    tests: testOf('backchannel-logout'),
    only: 'with a nonce',
  },
  {
    name: 'a logout token that says nothing of a logout',
    file: tokens('backchannel-logout'),
    edits: [["if (typeof event !== 'object' ||", "if (typeof event === 'string' ||"]],
    tests: testOf('backchannel-logout'),
    only: 'with no events',
  },
  {
    name: 'a logout token that is used twice',
    file: tokens('once'),
    edits: [['if (seen.get(id) === true) return false\n', '']],
    tests: testOf('backchannel-logout'),
    only: 'ends nothing that began since',
  },
  {
    name: 'a logout token that counts as used although its logout failed',
    file: tokens('once'),
    edits: [['await act()', 'seen.set(id, true)\n        await act()']],
    tests: testOf('backchannel-logout'),
    only: 'at revoke: no success is told',
  },
  {
    name: 'a logout that heeds no sid',
    file: tokens('backchannel-logout'),
    edits: [['if (isText(sid)) {', 'if (isText(sid) && !isText(sub)) {']],
    tests: testOf('backchannel-logout'),
    only: 'with a sid ends the sessions of that sid',
  },
  {
    name: 'a logout that spares sessions without a sid',
    file: tokens('backchannel-logout'),
    edits: [['const unnamed = isText(sub) ?', "const unnamed = sub === '' ?"]],
    tests: testOf('backchannel-logout'),
    only: 'of which no sid is known, too',
  },
  {
    name: 'a logout that is confirmed although the store failed',
    file: tokens('event-request'),
    edits: [
      [
        'return endpoint.failed(error)',
        'return error instanceof Refusal ? endpoint.failed(error) : new Response(null)',
      ],
    ],
    tests: testOf('backchannel-logout'),
    only: 'at revoke: no success is told',
  },
  {
    name: 'a fence that overlooks a logout of the same millisecond',
    file: core('fence'),
    edits: [['epoch >= since.getTime()', 'epoch > since.getTime()']],
    tests: ['packages/core/test/revocation'],
    only: 'at or after an instant',
  },
]

const EVENTS: Mutant[] = [
  {
    name: 'an event with the claims of another kind of token',
    file: tokens('session-revoked'),
    edits: [["['sub', 'exp'].find(", "['nonce'].find("]],
    tests: testOf('session-revoked'),
    only: 'with (a sub|an exp)$',
  },
  {
    name: 'an event under any Authorization',
    file: tokens('session-revoked'),
    edits: [['if (one !== other) throw', "if (one === '') throw"]],
    tests: testOf('session-revoked'),
    only: 'is refused before anything is read',
  },
  {
    name: "an event about another issuer's user",
    file: tokens('default-subject'),
    edits: [['if (user.iss !== issuer)', "if (user.iss === '')"]],
    tests: testOf('session-revoked'),
    only: 'about another issuer ends none',
  },
]

const KEYS: Mutant[] = [
  {
    name: 'an endpoint of keys that is asked again as soon as it has failed',
    file: tokens('remote-keys'),
    edits: [
      [
        '    this.#triedAt = clock.now()',
        '    if (this.#failure === undefined) this.#triedAt = clock.now()',
      ],
    ],
    tests: testOf('remote-keys'),
    only: 'with 500 says nothing of the token',
  },
  {
    name: 'keys that are forgotten as soon as their endpoint fails',
    file: tokens('remote-keys'),
    edits: [['maxAge + staleIfError)', 'maxAge)']],
    tests: testOf('remote-keys'),
    only: 'leaves known keys in use',
  },
  {
    name: 'keys that are used for ever while their endpoint fails',
    file: tokens('remote-keys'),
    edits: [['maxAge + staleIfError)', 'Infinity)']],
    tests: testOf('remote-keys'),
    only: 'leaves known keys in use',
  },
  {
    name: 'keys that are fetched for any bad signature',
    file: tokens('signed-token'),
    edits: [['!isNamed && error', 'error']],
    tests: testOf('unnamed-keys'),
    only: 'without another fetch',
  },
]

/** What access tokens, and providers that end sessions, rest on. */
export const TOKENS: Mutant[] = [...ACCESS, ...LOGOUT, ...EVENTS, ...KEYS]
