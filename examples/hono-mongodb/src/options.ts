import type { Sessions } from '@adjourn/core'
import type { Accounts } from '@adjourn/example-accounts'

/** What the app keeps in a session. */
export interface AppData {
  theme: 'light' | 'dark'
}

export interface AppOptions {
  readonly sessions: Sessions<AppData>
  readonly accounts: Accounts
  /** How many proxies stand between the browser and this app. */
  readonly trustedProxies: number
}
