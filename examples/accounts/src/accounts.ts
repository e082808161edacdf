import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** Users and their passwords. Sessions know nothing of them: Adjourn begins after the login. */
export interface Accounts {
  setPassword(user: string, password: string): Promise<void>
  check(user: string, password: string): Promise<boolean>
}

// Low, since the demo signs in some 170 times. OWASP has 2 ** 17 for a real app.
const COST = 2 ** 12

interface Hash {
  readonly salt: Buffer
  readonly key: Buffer
}

/** In memory, for the examples: a real app has a database of users. */
export function createAccounts(): Accounts {
  const hashes = new Map<string, Hash>()
  const decoy = hash(randomBytes(16).toString('hex'))

  return {
    async setPassword(user, password) {
      hashes.set(user, await hash(password))
    },
    async check(user, password) {
      // An unknown user takes as long as a wrong password, so that timing tells nobody who has an
      // account.
      const { salt, key } = hashes.get(user) ?? (await decoy)
      const same = timingSafeEqual(key, await derive(password, salt))
      return same && hashes.has(user)
    },
  }
}

async function hash(password: string): Promise<Hash> {
  const salt = randomBytes(16)
  return { salt, key: await derive(password, salt) }
}

function derive(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, 32, { N: COST }, (error, key) => {
      if (error === null) resolve(key)
      else reject(error)
    })
  })
}
