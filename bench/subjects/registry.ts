import type { Backend, Framework, Subject } from '../measure/subject.ts'

export type Open = (
  name: string,
  framework: Framework,
  backend: Backend,
) => Subject | Promise<Subject>

export interface Entry {
  readonly title: string
  readonly frameworks: readonly Framework[]
  /** What it does not do, by the names of the cases. */
  readonly lacks?: readonly string[]
  /** Loads its code only now, so that a process has what it measures and no more. */
  readonly load: () => Promise<Open>
}

const BOTH = ['hono', 'express'] as const
/** There is no session to read, start, change or end. */
const NO_SESSION = ['login', 'logout', 'save']

export const entries: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  [
    'bare',
    {
      title: 'the framework alone',
      frameworks: BOTH,
      lacks: NO_SESSION,
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
    {
      title: 'Adjourn, memory',
      frameworks: BOTH,
      load: async () => (await import('./adjourn.ts')).onMemory,
    },
  ],
  [
    'sqlite',
    {
      title: 'Adjourn, SQLite',
      frameworks: BOTH,
      load: async () => (await import('./adjourn.ts')).onSqlite,
    },
  ],
  [
    'mongodb',
    {
      title: 'Adjourn, MongoDB',
      frameworks: BOTH,
      load: async () => (await import('./adjourn.ts')).onMongodb,
    },
  ],
  [
    'mongodb-cached',
    {
      title: 'Adjourn, MongoDB, read cache',
      frameworks: BOTH,
      load: async () => (await import('./adjourn.ts')).onMongodbCached,
    },
  ],
])

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

export interface Choice {
  readonly framework: Framework
  readonly doing: string
  readonly names?: readonly string[] | undefined
}
