import { hashPassword, isPassword, type PasswordHash } from './password.ts'

/** Users and their passwords. Sessions know nothing of them: Adjourn begins after the login. */
export interface Accounts {
  setPassword(user: string, password: string): Promise<void>
  check(user: string, password: string): Promise<boolean>
}

/** In memory, for the examples: a real app has a database of users. */
export function createAccounts(): Accounts {
  const hashes = new Map<string, PasswordHash>()
  return {
    async setPassword(user, password) {
      hashes.set(user, await hashPassword(password))
    },
    check: (user, password) => isPassword(password, hashes.get(user)),
  }
}
