import { createAccounts } from '@adjourn/example-accounts'

/** In place of a database of users. */
export const accounts = createAccounts()
await accounts.setPassword('ada', 'lovelace')
