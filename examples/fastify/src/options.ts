import type { Sessions } from '@adjourn/core'
import type { Accounts } from '@adjourn/example-accounts'

export interface AppOptions {
  readonly sessions: Sessions
  readonly accounts: Accounts
}
