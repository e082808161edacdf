export { acceptExpressSession } from './accept-express-session.ts'
export type { AcceptOptions, OldSessions, OldUser } from './accept-express-session.ts'
export { createApp } from './app.ts'
export { createOldApp } from './old-app.ts'
