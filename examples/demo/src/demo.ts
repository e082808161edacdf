import { join } from 'node:path'
import type { Accounts } from './accounts.ts'
import type { Audit } from './audit.ts'
import type { Experiment } from './experiment-state.ts'
import type { AppSessions } from './sessions.ts'

/** What the Express app and the Hono app share: everything but the framework. */
export interface Demo {
  readonly sessions: AppSessions
  readonly accounts: Accounts
  readonly audit: Audit
  readonly ports: Ports
  /** The apps that the experiment itself measures have none. */
  readonly experiment?: Experiment
}

export type Framework = 'Express' | 'Hono'
export type Ports = Readonly<Record<Framework, number>>

/** This example's folder; what is below its `static` is served as it is. */
export const FOLDER: string = join(import.meta.dirname, '..')

/** The demo's users. What they do with their passwords survives a restart. */
export const USERS = [
  { user: 'ada', password: 'lovelace', tags: ['org:analytical'] },
  { user: 'grace', password: 'hopper', tags: ['org:navy', 'role:admin'] },
] as const

const ADMIN = 'role:admin'

/** Roles are tags of the session: who loses one is signed out by `revokeAll({ tag })`. */
export const isAdmin = ({ tags }: { readonly tags: readonly string[] }): boolean =>
  tags.includes(ADMIN)

/** For every page and answer of the apps. */
export const HEADERS = {
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
  // Nothing of a signed-in user stays in a cache, so that the Back button shows none of it.
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // With no-referrer, browsers send `Origin: null` with forms, which is refused.
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
} as const
