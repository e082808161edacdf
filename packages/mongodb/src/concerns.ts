// Set on every operation, whatever the URI says. A revocation must be seen by the next read, so reads
// go to the primary; j: a standalone server acknowledges only what its journal has.
export const READ = { readPreference: 'primary', readConcern: { level: 'local' } } as const
// What a majority has, which is what no failover takes back.
export const READ_ACKNOWLEDGED = {
  readPreference: 'primary',
  readConcern: { level: 'majority' },
} as const
export const MAJORITY = { writeConcern: { w: 'majority', j: true } } as const
export type ReadConcern = typeof READ | typeof READ_ACKNOWLEDGED
// A touch that is lost comes again.
export const TOUCH = { writeConcern: { w: 1 }, ordered: false } as const
// Nor do values depend on the client. ignoreUndefined would take an id that is missing for any id.
export const PLAIN_VALUES = {
  promoteValues: true,
  promoteLongs: true,
  useBigInt64: false,
  ignoreUndefined: false,
} as const

/** The server may choose the groups' index, and go through all members for each batch of ids. */
export const BY_ID = { hint: { _id: 1 } } as const

/** The driver takes a signal on writes too; only its types do not say so. */
export function abortable<T extends object>(options: T, signal: AbortSignal): T {
  return { ...options, signal }
}
