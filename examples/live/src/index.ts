export { expressApp } from './express.ts'
export { honoApp } from './hono.ts'
