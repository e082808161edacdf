import type { Accounts } from '@adjourn/example-accounts'
import { vi } from 'vitest'

/** Has the next check of a password wait for `meanwhile` once it is done, before it is answered. */
export function afterNextCheck(accounts: Accounts, meanwhile: () => Promise<unknown>): void {
  const check = accounts.check.bind(accounts)
  vi.spyOn(accounts, 'check').mockImplementationOnce(async (user, password) => {
    const isRight = await check(user, password)
    await meanwhile()
    return isRight
  })
}
