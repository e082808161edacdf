import type { Sessions } from '@adjourn/core'
import type { Accounts } from '@adjourn/example-accounts'

/** What the app keeps in a session. */
export interface AppData {
  visits: number
}

export interface AppOptions {
  readonly sessions: Sessions<AppData>
  readonly accounts: Accounts
}
