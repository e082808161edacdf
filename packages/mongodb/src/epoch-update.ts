import type { Revocation } from '@adjourn/core'

/**
 * `nextEpoch` of core as an update pipeline, so that the server computes it on the document that the
 * same write replaces. Texts are literals: one that begins with `$` is not a field path.
 */
export function epochUpdate({ group, now, expiresAt, except }: Revocation): [{ $set: object }] {
  const kept =
    except === undefined
      ? false
      : {
          $or: [
            { $eq: [{ $type: '$epoch' }, 'missing'] },
            { $eq: ['$epoch', except.epoch] },
            { $in: [{ $literal: except.id }, { $ifNull: ['$keep', []] }] },
          ],
        }
  const next = { $max: [now.getTime(), { $add: [{ $ifNull: ['$epoch', 0] }, 1] }] }
  const keep = { $cond: [kept, except === undefined ? [] : [{ $literal: except.id }], []] }
  const ifWritten = (value: unknown, previous: string): unknown =>
    except?.required ? { $cond: [kept, value, previous] } : value
  return [
    {
      $set: {
        group: { $literal: group },
        epoch: ifWritten(next, '$epoch'),
        keep: ifWritten(keep, '$keep'),
        expiresAt: ifWritten({ $max: ['$expiresAt', expiresAt] }, '$expiresAt'),
      },
    },
  ]
}
