import type { Bench, Case } from '../measure/bench.ts'
import type { Figure } from '../measure/figure.ts'
import { signIn } from '../measure/sign-in.ts'
import { FRAMEWORKS, type Framework, type Subject } from '../measure/subject.ts'
import { entries, openAll } from '../subjects/registry.ts'
import { connectionsOf, measureRequests, type Asked } from './requests.ts'

/** Who is asking? Of somebody who is signed in. */
export const read: Case = async (bench) => {
  const figures: Figure[] = []
  for (const framework of FRAMEWORKS) figures.push(...(await readOn(framework, bench)))
  return figures
}

async function readOn(framework: Framework, bench: Bench): Promise<Figure[]> {
  const { backend, scale, wants } = bench
  const names = [...entries.keys()].filter((subject) =>
    scale.connections.some((count) =>
      wants({ case: 'read', at: connectionsOf(count), framework, subject }),
    ),
  )
  const subjects = await openAll(backend, { framework, doing: 'read', names })
  const asked: Asked[] = []
  for (const subject of subjects) asked.push(await signedIn(subject, scale.sessions))
  const figures: Figure[] = []
  for (const connections of scale.connections) {
    figures.push(...(await measureRequests(bench, asked, { case: 'read', connections })))
  }
  for (const subject of subjects) await subject.close()
  return figures
}

async function signedIn(subject: Subject, count: number): Promise<Asked> {
  const all = await signIn(subject, count)
  const calls = all.map(({ cookie }) => ({ path: '/me', cookie }))
  return { subject, calls, somebody: all[0] }
}
