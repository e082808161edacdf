import type { GroupEpoch, Touch } from '@adjourn/core'
import type { AnyBulkWriteOperation, Filter } from 'mongodb'
import type { StoredDocument } from './document.ts'

/** Not an epoch, whatever the id. */
export const SESSION = { secretHash: { $exists: true } } as const

/** The members that an epoch has ended. */
export function endedBy({ group, epoch, keep }: GroupEpoch): Filter<StoredDocument> {
  // null is what a member has that joined before the group's first epoch.
  const joinedBefore = { group, $or: [{ epoch: null }, { epoch: { $lt: epoch } }] }
  return { groups: { $elemMatch: joinedBefore }, _id: { $nin: [...keep] } }
}

/** A touch, in one atomic update. */
export function touchWrite(
  { id, lastSeenAt, expiresAt }: Touch,
  now: Date,
): AnyBulkWriteOperation<StoredDocument> {
  const moved = { $max: ['$expiresAt', expiresAt] }
  return {
    updateOne: {
      filter: { _id: id, ...SESSION, expiresAt: { $gt: now } },
      update: [
        {
          $set: {
            lastSeenAt: { $max: ['$lastSeenAt', lastSeenAt] },
            expiresAt: { $min: [moved, '$endsAt'] },
          },
        },
      ],
    },
  }
}
