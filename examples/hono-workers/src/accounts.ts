import type { Accounts } from '@adjourn/example-accounts'

// The most that Workers allow. OWASP has 600 000 for PBKDF2: elsewhere, take scrypt or Argon2.
const ITERATIONS = 100_000

interface Hash {
  readonly salt: Uint8Array<ArrayBuffer>
  readonly key: Uint8Array
}

/** In place of a database of users: the password of `ada` is `lovelace`. */
const ADA: Hash = {
  salt: bytesOf('QSntNOjCs7YcZRflOq35KQ=='),
  key: bytesOf('FaRxw1x8tUP80kWRt+1OO2EOV+x/3ldRci9GkCD1+gI='),
}

/** In this isolate's memory, and by Web Crypto, since workers have no `node:crypto` by default. */
export function createAccounts(): Accounts {
  const hashes = new Map([['ada', ADA]])
  return {
    async setPassword(user, password) {
      const salt = crypto.getRandomValues(new Uint8Array(16))
      hashes.set(user, { salt, key: await derive(password, salt) })
    },
    async check(user, password) {
      // An unknown user takes as long as a wrong password, so that timing tells nobody who has an
      // account.
      const { salt, key } = hashes.get(user) ?? ADA
      const same = isSame(key, await derive(password, salt))
      return same && hashes.has(user)
    },
  }
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (each) => each.charCodeAt(0))
}

async function derive(password: string, salt: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const bytes = new TextEncoder().encode(password)
  const key = await crypto.subtle.importKey('raw', bytes, 'PBKDF2', false, ['deriveBits'])
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: ITERATIONS }
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 256))
}

/** In a time that does not tell how much of it is. */
function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return (
    a.length === b.length &&
    a.reduce((differs, byte, at) => differs | (byte ^ (b[at] ?? 0)), 0) === 0
  )
}
