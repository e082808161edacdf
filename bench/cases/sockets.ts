import { jobFor, startChild, type Child } from '../children/start.ts'
import type { Bench, Case } from '../measure/bench.ts'
import type { Figure } from '../measure/figure.ts'
import { socketClient, type SocketClient } from '../measure/socket-client.ts'
import { bySession, FRAMEWORKS, WHOEVER, type Framework, type Subject } from '../measure/subject.ts'
import { entries } from '../subjects/registry.ts'
import { askSignedIn, measureRequests, type Asked } from './requests.ts'

const SUBJECTS = ['bare', 'find-one', 'mongodb'] as const

interface Remote {
  readonly subject: Subject
  readonly child: Child
  readonly client: SocketClient
}

/** The signed-in read over real connections: the server in one process, who asks in another. */
export const sockets: Case = async (bench) => {
  const figures: Figure[] = []
  for (const framework of FRAMEWORKS) {
    const remotes: Remote[] = []
    for (const name of SUBJECTS) remotes.push(await serve(bench, name, framework))
    const asked: Asked[] = []
    for (const { subject } of remotes) asked.push(await ask(bench, subject))
    figures.push(...(await measureRequests(bench, asked, { case: 'sockets', connections: 32 })))
    for (const { client, child } of remotes) {
      client.close()
      await child.stop()
    }
  }
  return figures
}

async function serve({ backend }: Bench, name: string, framework: Framework): Promise<Remote> {
  const db = backend.db(`sockets_${name}`).databaseName
  const child = await startChild(
    'server.ts',
    jobFor(backend, { subject: name, framework, db, cookie: '' }),
  )
  const client = socketClient(Number(child.said))
  const says = name === 'bare' ? () => WHOEVER : bySession
  const subject: Subject = { name, framework, client, says, close: async () => {} }
  return { subject, child, client }
}

async function ask({ scale }: Bench, subject: Subject): Promise<Asked> {
  const isBare = entries.get(subject.name)?.lacks?.includes('login') === true
  if (isBare) return { subject, calls: [{ path: '/me', cookie: 'session=something' }] }
  return askSignedIn(subject, scale.sessions)
}
