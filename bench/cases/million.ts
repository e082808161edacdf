import type { Bench, Case } from '../measure/bench.ts'
import { insertCopies } from '../measure/copies.ts'
import { keyOf, type Figure, type Place } from '../measure/figure.ts'
import { assertSays, run } from '../measure/load.ts'
import { interleave } from '../measure/rounds.ts'
import { percentile } from '../measure/statistics.ts'
import { onMongodb } from '../subjects/adjourn.ts'
import { askSignedIn, type Asked } from './requests.ts'

const CONNECTIONS = 32
const SHARES = [
  ['p50', 0.5],
  ['p99', 0.99],
] as const

/** How long a signed-in user waits, by how many sessions there are. */
export const million: Case = async (bench) => {
  const { scale, log } = bench
  const sizes: (Asked & { readonly size: number })[] = []
  for (const size of scale.collections) sizes.push({ ...(await fill(bench, size)), size })
  const values = new Map(sizes.map((each) => [each, SHARES.map(() => [] as number[])]))
  for (const { subject, calls } of sizes) {
    await run(subject, { connections: CONNECTIONS, calls, time: scale.warmUp })
  }
  await interleave(sizes, scale.rounds, async (each) => {
    const { subject, calls, somebody } = each
    const load = { connections: CONNECTIONS, calls, time: scale.turn, times: true }
    const { times } = await run(subject, load)
    await assertSays(subject, somebody?.cookie, somebody?.user)
    for (const [index, [, share]] of SHARES.entries()) {
      values.get(each)?.[index]?.push(percentile(times, share))
    }
  })
  for (const { subject } of sizes) await subject.close()
  return sizes.flatMap((each) =>
    SHARES.map(([subject], index): Figure => {
      const at = `${each.size.toLocaleString('en')} sessions`
      const place: Place = { case: 'million', at, framework: 'hono', subject }
      const times = values.get(each)?.[index] ?? []
      log(`${keyOf(place)}: ${times.map((time) => time.toFixed(2)).join(' ')}`)
      return { ...place, unit: 'ms', values: times }
    }),
  )
}

async function fill({ backend, scale, log }: Bench, size: number): Promise<Asked> {
  const { readers } = scale
  const db = backend.db(`million_${size}`)
  const subject = await onMongodb('mongodb', 'hono', { ...backend, db: () => db })
  const asked = await askSignedIn(subject, readers)
  log(`million: inserting ${size.toLocaleString('en')} sessions`)
  const template = asked.somebody?.user ?? ''
  const userOf = (index: number): string => `user-${readers + index}`
  await insertCopies(db, { template, count: size - readers, userOf })
  return asked
}
