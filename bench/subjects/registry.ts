import type { Backend, Framework, Subject } from '../measure/subject.ts'

export type Open = (
  name: string,
  framework: Framework,
  backend: Backend,
) => Subject | Promise<Subject>

interface Entry {
  readonly title: string
  readonly frameworks: readonly Framework[]
  /** What it does not do, by the names of the cases. */
  readonly lacks?: readonly string[]
  /** What a figure of it must not be read without. */
  readonly note?: string
  /** Loads its code only now, so that a process has what it measures and no more. */
  readonly load: () => Promise<Open>
}

const BOTH = ['hono', 'express'] as const
const adjourn = () => import('./adjourn.ts')

export const entries: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  [
    'bare',
    {
      title: 'the framework alone',
      frameworks: BOTH,
      lacks: ['login', 'logout', 'save'],
      load: async () => (await import('./bare.ts')).open,
    },
  ],
  [
    'find-one',
    {
      title: 'findOne by hand',
      frameworks: BOTH,
      load: async () => (await import('./find-one.ts')).open,
    },
  ],
  [
    'memory',
    { title: 'Adjourn, memory', frameworks: BOTH, load: async () => (await adjourn()).onMemory },
  ],
  [
    'sqlite',
    { title: 'Adjourn, SQLite', frameworks: BOTH, load: async () => (await adjourn()).onSqlite },
  ],
  [
    'mongodb',
    { title: 'Adjourn, MongoDB', frameworks: BOTH, load: async () => (await adjourn()).onMongodb },
  ],
  [
    'mongodb-cached',
    {
      title: 'Adjourn, MongoDB, read cache',
      frameworks: BOTH,
      load: async () => (await adjourn()).onMongodbCached,
    },
  ],
  [
    'express-session',
    {
      title: 'express-session, connect-mongo',
      frameworks: ['express'],
      note: 'writes at each request, as it comes',
      load: async () => (await import('./express-session.ts')).open,
    },
  ],
  [
    'express-session-lazy',
    {
      title: 'express-session, touchAfter',
      frameworks: ['express'],
      note: 'connect-mongo with touchAfter, as its documentation has it',
      load: async () => (await import('./express-session.ts')).openLazily,
    },
  ],
  [
    'iron-session',
    {
      title: 'iron-session',
      frameworks: BOTH,
      // What it calls so clears the browser's cookie; a copy of it signs in as before.
      lacks: ['logout'],
      note: 'everything is in the cookie: no store to read, and no way to end a session',
      load: async () => (await import('./iron-session.ts')).open,
    },
  ],
  [
    'hono-session',
    {
      title: '@hono/session',
      frameworks: ['hono'],
      note: 'on MongoDB by a store of a few lines; it awaits no write, so a reply promises nothing',
      load: async () => (await import('./hono-session.ts')).open,
    },
  ],
  [
    'hono-sessions',
    {
      title: 'hono-sessions',
      frameworks: ['hono'],
      note: 'on MongoDB by a store of a few lines; it writes at each request, of visitors too',
      load: async () => (await import('./hono-sessions.ts')).open,
    },
  ],
  [
    'better-auth',
    {
      title: 'better-auth, MongoDB',
      frameworks: BOTH,
      // It keeps no data of the app in a session.
      lacks: ['save'],
      note: 'getSession; passwords are not hashed, as that is not what is compared',
      load: async () => (await import('./better-auth.ts')).open,
    },
  ],
])

export interface Choice {
  readonly framework: Framework
  /** The name of the case. */
  readonly doing: string
  readonly names?: readonly string[] | undefined
}

/** Opens those named, all if none is, that are for this framework and do this case. */
export async function openAll(
  backend: Backend,
  { framework, doing, names }: Choice,
): Promise<Subject[]> {
  const chosen = [...entries].filter(
    ([name, { frameworks, lacks = [] }]) =>
      (names === undefined || names.includes(name)) &&
      frameworks.includes(framework) &&
      !lacks.includes(doing),
  )
  const subjects: Subject[] = []
  for (const [name, { load }] of chosen) {
    const open = await load()
    subjects.push(await open(name, framework, backend))
  }
  return subjects
}
