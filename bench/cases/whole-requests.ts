import { signIn } from '../measure/sign-in.ts'
import { askSignedIn, requestsCase } from './requests.ts'
import type { Case } from '../measure/bench.ts'

const MANY = [32]

/** Who is asking? Of users who are signed in. */
export const read: Case = requestsCase({
  name: 'read',
  connections: (scale) => scale.connections,
  ask: (subject, { sessions }) => askSignedIn(subject, sessions),
})

/** The same of visitors without a cookie. */
export const anonymous: Case = requestsCase({
  name: 'anonymous',
  connections: () => MANY,
  ask: async (subject) => ({ subject, calls: [{ path: '/me' }] }),
})

export const login: Case = requestsCase({
  name: 'login',
  connections: () => MANY,
  ask: async (subject, { sessions }) => {
    const all = await signIn(subject, sessions)
    const calls = all.map(({ user }) => ({ method: 'POST', path: `/login/${user}` }) as const)
    return { subject, calls, somebody: all[0] }
  },
})

/** One key of the session's data changes. */
export const save: Case = requestsCase({
  name: 'save',
  connections: () => MANY,
  ask: (subject, { sessions }) => askSignedIn(subject, sessions, { method: 'POST', path: '/save' }),
})
