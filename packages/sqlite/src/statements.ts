import type { StatementSync } from 'node:sqlite'

const SUMMARY = `id, user_id, version, created_at, authenticated_at, last_seen_at, expires_at, ends_at,
  device`

/** Expired rows that go with each write that may add one: more than come, so that none pile up. */
const SWEEP_BATCH = 10

export const PURGE_BATCH = 500

const SQL = {
  find: `SELECT ${SUMMARY}, secret_hash, data FROM adjourn_sessions WHERE id = ?`,

  memberships: `SELECT group_name, epoch FROM adjourn_memberships WHERE session_id = ?
    ORDER BY position`,

  insert: `INSERT INTO adjourn_sessions (id, secret_hash, user_id, version, created_at,
      authenticated_at, last_seen_at, expires_at, ends_at, device, data)
    VALUES (:id, :secretHash, :userId, :version, :createdAt, :authenticatedAt, :lastSeenAt,
      :expiresAt, :endsAt, :device, :data)
    ON CONFLICT (id) DO NOTHING`,

  // No change takes a field away, so that null is "not named".
  update: `UPDATE adjourn_sessions SET
      secret_hash = coalesce(:secretHash, secret_hash),
      user_id = coalesce(:userId, user_id),
      version = version + 1,
      created_at = coalesce(:createdAt, created_at),
      authenticated_at = coalesce(:authenticatedAt, authenticated_at),
      last_seen_at = max(last_seen_at, coalesce(:lastSeenAt, last_seen_at)),
      expires_at = max(expires_at, coalesce(:expiresAt, expires_at)),
      ends_at = coalesce(:endsAt, ends_at),
      device = coalesce(:device, device),
      data = coalesce(:data, data)
    WHERE id = :id AND version = :version AND expires_at > :now`,

  touch: `UPDATE adjourn_sessions SET
      last_seen_at = max(last_seen_at, :lastSeenAt),
      expires_at = min(max(expires_at, :expiresAt), ends_at)
    WHERE id = :id AND expires_at > :now`,

  delete: `DELETE FROM adjourn_sessions WHERE id = ?`,
  deleteIfSeen: `DELETE FROM adjourn_sessions WHERE id = ? AND last_seen_at = ?`,

  join: `INSERT INTO adjourn_memberships (session_id, position, group_name, epoch)
    VALUES (?, ?, ?, ?)`,
  leave: `DELETE FROM adjourn_memberships WHERE session_id = ?`,

  list: `SELECT ${SUMMARY} FROM adjourn_sessions
    WHERE id IN (SELECT session_id FROM adjourn_memberships WHERE group_name = ?)
      AND expires_at > ?`,

  epoch: `SELECT group_name, epoch, keep, expires_at FROM adjourn_epochs WHERE group_name = ?`,

  setEpoch: `INSERT INTO adjourn_epochs (group_name, epoch, keep, expires_at)
    VALUES (:group, :epoch, :keep, :expiresAt)
    ON CONFLICT (group_name) DO UPDATE SET
      epoch = excluded.epoch, keep = excluded.keep, expires_at = excluded.expires_at`,

  // Two halves, for with OR the index would serve the group alone, and all who have signed in since
  // would be gone through each time.
  purge: `DELETE FROM adjourn_sessions WHERE id IN (
      SELECT session_id FROM adjourn_memberships
        WHERE group_name = :group AND epoch IS NULL
          AND session_id NOT IN (SELECT value FROM json_each(:keep))
      UNION ALL
      SELECT session_id FROM adjourn_memberships
        WHERE group_name = :group AND epoch < :epoch
          AND session_id NOT IN (SELECT value FROM json_each(:keep))
      LIMIT ${PURGE_BATCH})
    RETURNING id`,

  sweepSessions: `DELETE FROM adjourn_sessions WHERE rowid IN (
      SELECT rowid FROM adjourn_sessions WHERE expires_at <= :now ORDER BY expires_at
      LIMIT ${SWEEP_BATCH}) AND id <> :except
    RETURNING id`,

  sweepEpochs: `DELETE FROM adjourn_epochs WHERE group_name IN (
      SELECT group_name FROM adjourn_epochs WHERE expires_at <= ? ORDER BY expires_at
      LIMIT ${SWEEP_BATCH})`,

  dataVersion: `PRAGMA data_version`,
}

export type Statements = Readonly<Record<keyof typeof SQL, StatementSync>>

export function prepareStatements(prepare: (sql: string) => StatementSync): Statements {
  const prepared = Object.entries(SQL).map(([name, sql]) => [name, prepare(sql)] as const)
  const statements = Object.fromEntries(prepared) as Statements
  for (const name of ['find', 'list', 'memberships'] as const) {
    statements[name].setReadBigInts(true)
  }
  return statements
}
