import type { RevokeTarget } from '@adjourn/core'
import { membersOf, type Subject } from './subject.ts'

/**
 * What a subject means where the app does not say: a user of this very issuer, alone or as the only
 * member of a complex subject. Of another issuer's users it has nothing to say.
 *
 * @param onUnknown Told, in a few words without a value of it, of a subject that means none.
 */
export function bySubject(
  issuer: string,
  onUnknown: (what: string) => void,
): (subject: Subject) => RevokeTarget | undefined {
  return (subject) => {
    const user = onlyUserOf(subject)
    if (user.format !== 'iss_sub') {
      onUnknown(nameOf(user.format))
      return undefined
    }
    if (user.iss !== issuer) {
      onUnknown('iss_sub of another issuer')
      return undefined
    }
    return { federation: { issuer, subject: user.sub } }
  }
}

function onlyUserOf(subject: Subject): Subject {
  if (subject.format !== 'complex' || subject.user === undefined) return subject
  return membersOf(subject).length === 1 ? subject.user : subject
}

/** A format is any text, and this one goes into logs. */
function nameOf(format: string): string {
  return /^[\w-]{1,40}$/.test(format) ? format : 'an unknown format'
}

/** Finds the critical member of a subject that nobody here understands, if it has one. */
export function strangeMember(
  critical: readonly string[],
  understood: readonly string[],
): (subject: Subject) => string | undefined {
  const strange = critical.filter((name) => !understood.includes(name))
  return (subject) => {
    if (subject.format !== 'complex') return undefined
    const members = new Set(membersOf(subject).map(([name]) => name))
    return strange.find((name) => members.has(name))
  }
}
