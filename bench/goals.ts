import type { Place } from './measure/figure.ts'
import type { Framework } from './measure/subject.ts'
import type { Goal } from './report/judge.ts'

type Aim = Pick<Goal, 'bound' | 'goal'>

const atLeast = (goal: number): Aim => ({ bound: 'at least', goal })
const atMost = (goal: number): Aim => ({ bound: 'at most', goal })
const TOLD: Aim = { bound: 'at least' }

const TITLES = { hono: 'Hono', express: 'Express' } as const

/** Where two subjects are compared; the name tells the circumstances unless they are the usual. */
interface Circumstances {
  readonly case: string
  readonly at?: string
}

const USUAL = '32 connections'

/** One subject over another on a framework: `read: MongoDB / findOne, Hono`. */
function ratio(
  framework: Framework,
  { case: name, at = USUAL }: Circumstances,
  [of, over]: readonly [string, string],
  aim: Aim,
): Goal {
  const place = (subject: string): Place => ({ case: name, at, framework, subject })
  const suffix = at === USUAL ? '' : `, ${at}`
  const words = `${name}: ${WORDS[of]} / ${WORDS[over]}, ${TITLES[framework]}${suffix}`
  return { name: words, of: place(of), over: place(over), ...aim }
}

const WORDS: Readonly<Record<string, string>> = {
  bare: 'bare',
  'express-session': 'express-session',
  'find-one': 'findOne',
  mongodb: 'MongoDB',
  'mongodb-cached': 'MongoDB with read cache',
}

const BY_HAND = ['mongodb', 'find-one'] as const
const BARE = ['mongodb', 'bare'] as const
const CACHED = ['mongodb-cached', 'bare'] as const

/** The same on both frameworks. */
const onBoth = (
  circumstances: Circumstances,
  pair: readonly [string, string],
  aim: Aim,
): Goal[] => [ratio('hono', circumstances, pair, aim), ratio('express', circumstances, pair, aim)]

const sized = (name: string, at: string, rest: Pick<Place, 'framework' | 'subject'>): Place => ({
  case: name,
  at,
  ...rest,
})

const P99 = { framework: 'hono', subject: 'p99' } as const
const IN_EFFECT = { framework: 'none', subject: 'revokeAll: in effect' } as const
const THRASHED = { framework: 'hono', subject: 'mongodb' } as const

/** At 32 connections unless a name says otherwise. */
export const GOALS: readonly Goal[] = [
  ratio('hono', { case: 'read' }, BY_HAND, atLeast(3.5)),
  ratio('express', { case: 'read' }, BY_HAND, atLeast(3.2)),
  ratio('express', { case: 'read' }, ['mongodb', 'express-session'], atLeast(12)),
  ratio('express', { case: 'read' }, BARE, atLeast(0.55)),
  ...onBoth({ case: 'read', at: '128 connections' }, BY_HAND, atLeast(4.5)),
  ...onBoth({ case: 'read', at: '1 connection' }, BY_HAND, atLeast(0.95)),
  ratio('express', { case: 'read' }, CACHED, atLeast(0.85)),
  ratio('hono', { case: 'read' }, CACHED, atLeast(0.6)),
  ...onBoth({ case: 'anonymous' }, BARE, atLeast(0.97)),
  ...onBoth({ case: 'login' }, BY_HAND, TOLD),
  ...onBoth({ case: 'logout' }, BY_HAND, atMost(1.1)),
  ...onBoth({ case: 'save' }, BY_HAND, TOLD),
  ...onBoth({ case: 'sockets' }, BY_HAND, TOLD),
  ...onBoth({ case: 'sockets' }, BARE, TOLD),
  {
    name: 'million: p99 of 1,000,000 sessions / 10,000',
    of: sized('million', '1,000,000 sessions', P99),
    over: sized('million', '10,000 sessions', P99),
    ...atMost(1.2),
  },
  {
    name: 'revoke: in effect, 10,000 sessions / 1',
    of: sized('revoke', '10,000 sessions', IN_EFFECT),
    over: sized('revoke', '1 session', IN_EFFECT),
    ...TOLD,
  },
  {
    name: 'thrash: more cookies than are remembered / 100, MongoDB',
    of: sized('thrash', 'more than are remembered', THRASHED),
    over: sized('thrash', '100 cookies', THRASHED),
    ...TOLD,
  },
]
