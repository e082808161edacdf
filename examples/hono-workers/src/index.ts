export { startLocally } from './local.ts'
export type { LocalOptions } from './local.ts'
