import type { Bench, Case } from '../measure/bench.ts'
import { openAll } from '../subjects/registry.ts'
import { askSignedIn, measureRequests, type Asked } from './requests.ts'

/** More cookies than are remembered unsealed, walked in a circle, so that each must be unsealed. */
export const thrash: Case = async (bench) => {
  // To unseal is core's: on the other framework it takes as long.
  const choice = { framework: 'hono', doing: 'thrash', names: ['memory', 'mongodb'] } as const
  const subjects = await openAll(bench.backend, choice)
  const asked: Asked[] = []
  for (const subject of subjects) asked.push(...(await askBoth(bench, subject)))
  const figures = await measureRequests(bench, asked, { case: 'thrash', connections: 32 })
  for (const subject of subjects) await subject.close()
  return figures
}

async function askBoth({ scale, log }: Bench, subject: Asked['subject']): Promise<Asked[]> {
  log(`thrash: signing ${scale.cookies.toLocaleString('en')} users in, ${subject.name}`)
  const many = await askSignedIn(subject, scale.cookies)
  const few = { ...many, calls: many.calls.slice(0, scale.sessions) }
  return [
    { ...few, at: `${few.calls.length} cookies` },
    { ...many, at: 'more than are remembered' },
  ]
}
