import { createSessions } from '@adjourn/core'
import { sqliteStore } from '@adjourn/sqlite'

/**
 * On a store in a file: Next loads this module once for each kind of bundle, and in several processes.
 * Newest secret first.
 */
export const sessions = createSessions({
  secrets: (process.env['SESSION_SECRETS'] ?? '').split(','),
  store: sqliteStore(process.env['SESSIONS_FILE'] ?? 'sessions.db'),
})
