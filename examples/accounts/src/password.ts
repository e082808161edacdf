import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** What is kept of a password: base64url. */
export interface PasswordHash {
  readonly salt: string
  readonly key: string
}

// Low, since the demo signs in some 170 times. OWASP has 2 ** 17 for a real app.
const COST = 2 ** 12

// An unknown user takes as long as a wrong password, so that timing tells nobody who has an account.
const DECOY = hashPassword(randomBytes(16).toString('hex'))

export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(16)
  const key = await derive(password, salt)
  return { salt: salt.toString('base64url'), key: key.toString('base64url') }
}

/** @param hash Undefined: there is no such account. */
export async function isPassword(
  password: string,
  hash: PasswordHash | undefined,
): Promise<boolean> {
  const { salt, key } = hash ?? (await DECOY)
  const derived = await derive(password, Buffer.from(salt, 'base64url'))
  return timingSafeEqual(Buffer.from(key, 'base64url'), derived) && hash !== undefined
}

function derive(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, 32, { N: COST }, (error, key) => {
      if (error === null) resolve(key)
      else reject(error)
    })
  })
}
