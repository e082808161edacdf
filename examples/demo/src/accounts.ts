import { hashPassword, isPassword, type PasswordHash } from '@adjourn/example-accounts/password'

/** Somebody who may sign in. */
export interface Account {
  readonly user: string
  /** Groups whose sessions can be ended together: `org:…`, `role:…`. Sessions are created with them. */
  readonly tags: readonly string[]
}

/** An account as it is stored. */
export interface AccountRow extends Account, PasswordHash {}

/** Where accounts are kept. */
export interface AccountTable {
  get(user: string): Promise<AccountRow | undefined>
  put(row: AccountRow): Promise<void>
  all(): Promise<AccountRow[]>
}

/** Users and their passwords. Sessions know nothing of them: Adjourn begins after the login. */
export interface Accounts {
  add(account: Account, password: string): Promise<void>
  /** By name, and without passwords. */
  all(): Promise<Account[]>
  tagsOf(user: string): Promise<readonly string[]>
  check(user: string, password: string): Promise<boolean>
  /** Of an account that is there. */
  setPassword(user: string, password: string): Promise<void>
}

export function createAccounts(table: AccountTable): Accounts {
  return {
    async add({ user, tags }, password) {
      await table.put({ user, tags, ...(await hashPassword(password)) })
    },
    async all() {
      const accounts = (await table.all()).map(({ user, tags }) => ({ user, tags }))
      return accounts.toSorted((a, b) => (a.user < b.user ? -1 : 1))
    },
    async tagsOf(user) {
      return (await table.get(user))?.tags ?? []
    },
    // A real app also limits how often somebody may try.
    check: async (user, password) => isPassword(password, await table.get(user)),
    async setPassword(user, password) {
      const tags = (await table.get(user))?.tags ?? []
      await table.put({ user, tags, ...(await hashPassword(password)) })
    },
  }
}
