export { createAccounts } from './accounts.ts'
export type { Accounts } from './accounts.ts'
export { credentials, passwordChange } from './input.ts'
