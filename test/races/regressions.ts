import { contender } from './pairs.ts'
import type { Contender } from './race.ts'

/** A schedule in which a simpler Adjourn failed: who takes each step, in order. */
export interface Regression {
  readonly name: string
  readonly contenders: readonly Contender[]
  readonly schedule: string
}

export const regressions: readonly Regression[] = [
  {
    name: 'a revocation between the epochs that a login reads and its insert',
    contenders: [contender('login with a fence'), contender('revokeAll')],
    schedule: '000110',
  },
  {
    name: 'a revocation between the credentials and the login',
    contenders: [contender('login with a fence'), contender('revokeAll')],
    schedule: '0110',
  },
  {
    name: 'an anonymous session that is revoked while it signs in',
    contenders: [contender('login of the visitor'), contender('revoke everyone')],
    schedule: '001100000',
  },
  {
    name: 'a login between the epoch of a revocation and its deletions',
    contenders: [contender('revokeAll'), contender('login of the visitor')],
    schedule: '011110',
  },
  {
    name: 'two revocations at once, each of which spares its own session',
    contenders: [contender('revokeOthers', 'a'), contender('revokeOthers', 'b')],
    schedule: '0000111010',
  },
  {
    name: 'a revocation that spares a session which another has just ended',
    contenders: [contender('revokeAll'), contender('revokeAll except')],
    schedule: '110011',
  },
  {
    name: 'a tag that is revoked while a session leaves it',
    contenders: [contender('rotate out of a tag'), contender('revoke the tag')],
    schedule: '0010001',
  },
  {
    name: 'a logout between the read and the write of a save',
    contenders: [contender('save'), contender('end')],
    schedule: '00110',
  },
  {
    name: 'a logout before a touch arrives',
    contenders: [contender('touch'), contender('end')],
    schedule: '0110',
  },
  {
    name: 'a logout with the cookie from before a rotation',
    contenders: [contender('end'), contender('rotate')],
    schedule: '1110',
  },
  {
    name: 'a session that is seen while it is chosen to go',
    contenders: [contender('login at the limit'), contender('touch')],
    schedule: '0000101',
  },
]
