export { USERS } from './demo.ts'
export { startDemo } from './start.ts'
export type { DemoOptions, RunningDemo } from './start.ts'
