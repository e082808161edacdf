import type { RevokeTarget } from '@adjourn/core'
import { field } from './form.ts'

/** Whose sessions an admin's form is to end. Undefined: it does not say. */
export function targetOf(form: unknown): RevokeTarget | undefined {
  const [userId, tag] = [field(form, 'user'), field(form, 'tag')]
  if (userId !== '') return { userId }
  if (tag !== '') return { tag }
  return field(form, 'everyone') === 'yes' ? { everyone: true } : undefined
}
