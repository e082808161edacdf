import { fork } from 'node:child_process'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'ws'
import type { FromServer, ToServer } from './messages.ts'

const SCRIPT = fileURLToPath(new URL('server.ts', import.meta.url))
const START_MS = 30_000

type Answer<K extends string> = Extract<FromServer, Readonly<Record<K, unknown>>>

/** A server of the examples in a process of its own. */
export interface Node extends AsyncDisposable {
  readonly at: string
  /** As many users, each signed in once; their cookies. */
  signIn(count: number): Promise<readonly string[]>
  logOut(cookie: string): Promise<Answer<'began'>>
  revokeEveryone(): Promise<Answer<'began'>>
}

export async function startNode(kind: string, uri: string, database: string): Promise<Node> {
  const child = fork(SCRIPT, [kind, uri, database], {
    execPath: process.execPath,
    execArgv: ['--conditions=@adjourn/source'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const exited = once(child, 'exit')

  async function heard<K extends string>(): Promise<Answer<K>> {
    const received: unknown[] = await Promise.race([
      once(child, 'message', { signal: AbortSignal.timeout(START_MS) }),
      exited.then((): never => {
        throw new Error('The server ended')
      }),
    ])
    return received[0] as Answer<K>
  }

  function ask<K extends string>(message: ToServer): Promise<Answer<K>> {
    child.send(message)
    return heard<K>()
  }

  const { listeningAt } = await heard<'listeningAt'>()
  return {
    at: listeningAt,
    signIn: async (count) => (await ask<'cookies'>({ signIn: count })).cookies,
    logOut: (cookie) => ask<'began'>({ logOut: cookie }),
    revokeEveryone: () => ask<'began'>({ revokeEveryone: true }),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** A connection that the server holds open. */
export interface Held {
  /** When it was closed, in milliseconds since the epoch, and a web socket's code. */
  readonly closed: Promise<{ readonly at: number; readonly code?: number }>
}

/** Resolves once the stream has said hello. */
export async function openStream(at: string, cookie: string): Promise<Held> {
  const request = get(`${at}/events`, { headers: { cookie }, agent: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  if (response.statusCode !== 200) throw new Error(`The stream was refused: ${response.statusCode}`)
  await once(response, 'data')
  response.resume()
  return { closed: once(response, 'end').then(() => ({ at: Date.now() })) }
}

/** Resolves once the socket has said hello. */
export async function openSocket(at: string, cookie: string, origin?: string): Promise<Held> {
  const headers = origin === undefined ? { cookie } : { cookie, origin }
  const socket = new WebSocket(at.replace('http', 'ws'), { headers })
  await once(socket, 'message')
  const closed = once(socket, 'close').then(([code]) => ({ at: Date.now(), code: code as number }))
  return { closed }
}

/** Asks for a web socket, and sends the bytes once it is answered; breaks off at once without them. */
export async function shake(at: string, cookie: string, bytes?: Uint8Array): Promise<void> {
  const socket = connect(Number(new URL(at).port), '127.0.0.1')
  const closed = once(socket, 'close')
  socket.on('error', () => {})
  socket.write(
    'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${btoa('x'.repeat(16))}\r\nCookie: ${cookie}\r\n\r\n`,
  )
  if (bytes === undefined) {
    setImmediate(() => socket.resetAndDestroy())
  } else {
    socket.once('data', () => socket.write(bytes))
    socket.resume()
  }
  await closed
}
