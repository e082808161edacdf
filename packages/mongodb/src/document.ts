import type { GroupEpoch, SessionRecord, SessionSummary } from '@adjourn/core'

export interface SessionDocument extends Omit<SessionRecord, 'id'> {
  readonly _id: string
}

interface EpochDocument extends GroupEpoch {
  readonly _id: string
}

/** Sessions and epochs share a collection, so that one query reads both. */
export type StoredDocument = SessionDocument | EpochDocument

// A session's id has no colon, so the two can never meet.
const EPOCH = 'epoch:'
export const EPOCH_ID: RegExp = new RegExp(`^${EPOCH}`)

export const epochId = (group: string): string => EPOCH + group

/** Of an epoch's id. */
export function groupOf(id: string): string | undefined {
  return id.startsWith(EPOCH) ? id.slice(EPOCH.length) : undefined
}

export function toDocument({ id, ...fields }: SessionRecord): SessionDocument {
  return { _id: id, ...fields }
}

/** Of the document itself, not of a copy. */
export function toRecord({ _id: id, ...fields }: SessionDocument): SessionRecord {
  return { id, ...fields }
}

export function toSummary(document: Omit<SessionDocument, 'data' | 'secretHash'>): SessionSummary {
  const { _id: id, ...fields } = document
  return { id, ...fields }
}

/** Throws if it is none: those whom a revocation has ended must not be back because it is broken. */
export function toEpoch(document: StoredDocument): GroupEpoch {
  const { _id, epoch, keep, expiresAt } = document as EpochDocument
  const isEpoch = typeof epoch === 'number' && Array.isArray(keep)
  if (!isEpoch) throw new TypeError('This is no epoch')
  // By its id, which is what was asked for.
  return {
    group: groupOf(_id) ?? '',
    epoch,
    keep: [...(keep as string[])],
    expiresAt: new Date(expiresAt),
  }
}

export function isSession(document: StoredDocument | undefined): document is SessionDocument {
  return document !== undefined && 'secretHash' in document
}
