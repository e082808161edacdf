export { readConfig } from './config.ts'
export type { Config } from './config.ts'
export { closeServer, stopOnSignals } from './stop.ts'
