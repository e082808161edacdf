export { acceptIronSession } from './accept-iron-session.ts'
export type { AcceptOptions, OldSessions, OldUser } from './accept-iron-session.ts'
export { createApp } from './app.ts'
export { createOldApp } from './old-app.ts'
