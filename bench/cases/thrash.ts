import type { Bench, Case } from '../measure/bench.ts'
import { run } from '../measure/load.ts'
import type { Subject } from '../measure/subject.ts'
import { openAll } from '../subjects/registry.ts'
import { askSignedIn, measureRequests, type Asked } from './requests.ts'

const CONNECTIONS = 32
const MOST_TIME = 120_000

/** More cookies than are remembered unsealed, walked in a circle, so that each must be unsealed. */
export const thrash: Case = async (bench) => {
  // To unseal is core's: on the other framework it takes as long.
  const choice = { framework: 'hono', doing: 'thrash', names: ['memory', 'mongodb'] } as const
  // Apart, so that the many do not push out the few.
  const withFew = await openAll(bench.backend, choice)
  const withMany = await openAll(bench.backend, choice)
  const asked: Asked[] = []
  for (const subject of withFew) asked.push(await askFew(bench, subject))
  for (const subject of withMany) asked.push(await askMany(bench, subject))
  const conditions = { case: 'thrash', connections: CONNECTIONS }
  const figures = await measureRequests(bench, asked, conditions)
  for (const { subject } of asked) await subject.close()
  return figures
}

async function askFew({ scale }: Bench, subject: Subject): Promise<Asked> {
  return { ...(await askSignedIn(subject, scale.sessions)), at: `${scale.sessions} cookies` }
}

async function askMany({ scale, log }: Bench, subject: Subject): Promise<Asked> {
  const { cookies } = scale
  log(`thrash: signing ${cookies.toLocaleString('en')} users in, ${subject.name}`)
  const asked = { ...(await askSignedIn(subject, cookies)), cursor: { next: 0 } }
  // Once around: from here on the next is always one that was forgotten.
  const { calls, cursor } = asked
  await run(subject, { connections: CONNECTIONS, calls, cursor, count: cookies, time: MOST_TIME })
  return { ...asked, at: 'more than are remembered' }
}
