import { fork } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { FromServer, Kind, Point, ToServer } from './messages.ts'

const SCRIPT = fileURLToPath(new URL('server.ts', import.meta.url))
const START_MS = 30_000
const ANSWER_MS = 15_000

/** What a browser got. */
export interface Reply {
  readonly status: number
  readonly body: string
  /** The cookie to send from now on; empty once it was deleted. */
  readonly cookie: string
}

/** Lets a request go on, and resolves to its answer. */
type LetGo = () => Promise<Reply>

interface Request {
  readonly path: string
  /** What the route is about. */
  readonly of?: string
  readonly cookie?: string
}

/** A server in a process of its own. */
export interface Node extends AsyncDisposable {
  visit(request: Request): Promise<Reply>
  /** Resolves once the request waits there. */
  hold(at: Point, request: Request): Promise<LetGo>
}

export async function startNode(kind: Kind, uri: string, database: string): Promise<Node> {
  const child = fork(SCRIPT, [kind, uri, database], {
    execPath: process.execPath,
    execArgv: ['--conditions=@adjourn/source'],
    // In any other, Express prints each error that it answers with.
    env: { ...process.env, NODE_ENV: 'test' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const exited = once(child, 'exit')
  const holding = new EventEmitter()
  const origin = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`The ${kind} server ended`)))
    const late = setTimeout(() => child.kill('SIGKILL'), START_MS).unref()
    child.on('message', (message: FromServer) => {
      clearTimeout(late)
      if ('listeningAt' in message) resolve(message.listeningAt)
      else holding.emit(message.holding)
    })
  })

  let held = 0
  return {
    visit: (request) => get(origin, request),
    async hold(at, request) {
      const key = String(held++)
      const waits = once(holding, key).then(() => undefined)
      const reply = get(origin, request, { hold: key, at })
      const early = await Promise.race([waits, reply])
      if (early !== undefined) throw new Error(`${request.path} did not wait: ${early.status}`)
      return () => {
        child.send({ letGo: key } satisfies ToServer)
        return reply
      }
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

async function get(
  origin: string,
  { path, of = '', cookie = '' }: Request,
  query: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const url = new URL(`${path}?${new URLSearchParams({ of, ...query })}`, origin)
  const signal = AbortSignal.timeout(ANSWER_MS)
  const answer = await fetch(url, { headers: cookie === '' ? {} : { cookie }, signal })
  const [set] = answer.headers.getSetCookie()
  const next = set?.includes('Max-Age=0') ? '' : (set?.split(';')[0] ?? cookie)
  return { status: answer.status, body: await answer.text(), cookie: next }
}
