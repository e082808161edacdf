/** Cookie headers that somebody might send to get in, or to cost us time. */
import { sealData } from 'iron-session'
import { NAME, NEW, OLD } from './world.ts'

/** What an attacker has: cookies of sessions that are over, and seals of several kinds. */
export interface Loot {
  /** Authentic and good, of somebody else: to be altered, never to be sent as it is. */
  readonly good: readonly string[]
  /** Of another app, under secrets that are none of ours. */
  readonly foreign: readonly string[]
  /** Under our secrets, and nothing that we would write. */
  readonly odd: readonly string[]
  /** Under our secrets, of our form, and of no session. The only ones that may be looked up. */
  readonly authentic: readonly string[]
}

export interface Hostile {
  readonly kind: string
  readonly header: string
}

const ID = 'i'.repeat(22)
const SECRET = 's'.repeat(43)
const GROUPS = ['everyone']
const ODD: readonly unknown[] = [
  null,
  0,
  '',
  [],
  {},
  { id: 7, secret: SECRET, groups: GROUPS },
  { id: ID, secret: ['x'], groups: GROUPS },
  { id: ID, secret: SECRET },
  { id: ID, secret: SECRET, groups: { length: 1 } },
  { id: ID, secret: SECRET, groups: [null] },
  { id: ID, secret: SECRET, formerSecret: 'short', groups: GROUPS },
  { id: 'epoch:everyone', secret: SECRET, groups: GROUPS },
  { id: `${ID}\n`, secret: SECRET, groups: GROUPS },
  { id: { $ne: null }, secret: SECRET, groups: GROUPS },
  JSON.parse(`{"__proto__":{"id":"${ID}","secret":"${SECRET}","groups":[]}}`),
]

const under = (password: string | Record<string, string>) => (payload: unknown) =>
  sealData(payload, { password, ttl: 1e9 })

export async function gather(good: readonly string[], ids: readonly string[]): Promise<Loot> {
  const genuine = { id: ID, secret: SECRET, groups: GROUPS }
  const all = <T>(payloads: readonly T[], seal: (payload: T) => Promise<string>) =>
    Promise.all(payloads.map(seal))
  return {
    good,
    foreign: [
      ...(await all([genuine, {}, { user: { admin: true } }], under('x'.repeat(40)))),
      ...(await all([genuine], under({ 7: 'y'.repeat(40) }))),
    ],
    odd: [...(await all(ODD, under(NEW))), ...(await all(ODD, under({ 9: OLD })))],
    authentic: await all(
      [ID, ...ids].map((id) => ({ ...genuine, id })),
      under(NEW),
    ),
  }
}

/** The same for the same seed: whatever is found can be found again. */
export function createAttacker({ good, foreign, odd, authentic }: Loot, seed: number) {
  let state = seed
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
  const one = <T>(list: readonly T[]): T => list[below(list.length)] as T
  const text = (alphabet: string, length: number): string =>
    Array.from({ length }, () => alphabet[below(alphabet.length)]).join('')
  const bytes = (length: number): string =>
    String.fromCharCode(...Array.from({ length }, () => below(256)))
  const hex = (length: number) => text('0123456789abcdef', length)
  const base64 = (length: number) => text('ABCDEFGHabcdefgh0123456789-_', length)
  const at = (value: string) => `${NAME}=${value}`

  /** Of our form to the last character, with nothing behind it. */
  const forged = (expires: number): string =>
    `Fe26.2*${one([1, 1, 2, 9999])}*${hex(64)}*${base64(22)}*${base64(one([22, 200, 3000]))}` +
    `*${expires}*${hex(64)}*${base64(42)}A~2`

  function flipped(value: string): string {
    const where = below(value.length)
    const flip = String.fromCharCode(value.charCodeAt(where) ^ (1 << below(7)))
    return `${value.slice(0, where)}${flip}${value.slice(where + 1)}`
  }

  function swapped(): string {
    const [a, b] = [one(good), one(good.slice(1))].map((value) => value.split('*'))
    const part = below(8)
    const mixed = (a ?? []).map((own, index) => (index === part ? b?.[index] : own)).join('*')
    return good.includes(mixed) ? `${mixed}~2` : mixed
  }

  /** A good cookie, written as another parser than ours might take it. */
  const rewritten = (value: string): string =>
    one([
      `"${value}"`,
      encodeURIComponent(`${value}*`),
      value.replaceAll('*', '%2A'),
      `${value}\u0000`,
      `${value}\r\nSet-Cookie: a=b`,
      `\u00a0${value}`,
      value.replace('~2', ''),
      value.replace('*1*', '*01*'),
      value.toUpperCase(),
    ])

  const renamed = (value: string): string =>
    one([
      `__Secure-session=${value}`,
      `session=${value}`,
      `__host-session=${value}`,
      `${NAME} =${value}`,
      `x${NAME}=${value}`,
      `${encodeURIComponent(NAME)}%20=${value}`,
      `"${NAME}"=${value}`,
      `__proto__=${value}; constructor=${value}`,
      `=${value}`,
      `a=${NAME}=${value}`,
    ])

  const KINDS: Readonly<Record<string, () => string>> = {
    noise: () => bytes(below(300)),
    'noise for a value': () => at(bytes(below(300)).replaceAll(';', '')),
    forged: () => at(forged(Date.now() + 1e9)),
    'forged and expired': () => at(forged(Date.now() - 1e9)),
    flipped: () => at(flipped(one(good))),
    truncated: () => at(one(good).slice(0, -1 - below(40))),
    extended: () => at(one(good) + one(['~2', 'A', '*', ' ;x', '\u0000']).replace(' ;x', '.')),
    swapped: () => at(swapped()),
    foreign: () => at(one(foreign)),
    odd: () => at(one(odd)),
    authentic: () => at(one(authentic)),
    twice: () => [at(one(good)), at(one(good))].join(one(['; ', ';'])),
    'hundreds of the name': () =>
      Array.from({ length: 400 }, () => at(forged(2e12)))
        .join('; ')
        .slice(0, 60_000),
    'thousands of pairs': () => 'a=b; '.repeat(3000) + `__proto__=${one(good)}`,
    'a long name': () => `${'n'.repeat(50_000)}=${one(good)}`,
    'a long value': () => at('v'.repeat(50_000)),
    'a header that is too long': () => `${at(one(good))}; ${'x'.repeat(65_536)}`,
    rewritten: () => at(rewritten(one(good))),
    renamed: () => renamed(one(good)),
    'not ASCII': () => at(text('äßж漢\u{1F36A}\uD800', below(100))),
  }
  const COMMON = Object.keys(KINDS).filter((kind) => !/hundreds|thousands|long/.test(kind))
  const all = Object.keys(KINDS)

  return {
    next(): Hostile {
      // What is long costs us more to make than anybody to read.
      const kind = below(50) === 0 ? one(all) : one(COMMON)
      return { kind, header: KINDS[kind]?.() ?? '' }
    },
  }
}
