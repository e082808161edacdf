import { randomBytes } from 'node:crypto'

/** As a cookie secret has to be: random, and nothing that somebody could remember. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}
