export { expressApp } from './express.ts'
export { honoApp } from './hono.ts'
export { acceptSockets } from './websocket.ts'
