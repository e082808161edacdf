import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { pairs } from './pairs.ts'
import type { Call, Client, Send } from './subject.ts'

/** A client that is as little as can be, so that it is the server that is measured. */
export interface SocketClient extends Client {
  readonly close: () => void
}

/** Keep-alive connections to a server of this machine, one request at a time on each. */
export function socketClient(port: number): SocketClient {
  const idle: Socket[] = []
  const all = new Set<Socket>()
  const take = async (): Promise<Socket> => {
    const free = idle.pop()
    if (free !== undefined) return free
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    all.add(socket)
    await once(socket, 'connect')
    return socket
  }
  const send: Send = async (call, read = false) => {
    const socket = await take()
    const answer = await exchange(socket, toText(call))
    idle.push(socket)
    const status = Number(answer.slice(9, 12))
    return read ? { status, ...readAnswer(answer) } : { status }
  }
  return {
    connect: () => send,
    close: () => {
      for (const socket of all) socket.destroy()
    },
  }
}

function toText({ method = 'GET', path, cookie }: Call): string {
  const length = method === 'POST' ? 'Content-Length: 0\r\n' : ''
  const cookies = cookie === undefined ? '' : `Cookie: ${cookie}\r\n`
  return `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${length}${cookies}\r\n`
}

function exchange(socket: Socket, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const settle = (): void => {
      socket.off('data', onData).off('error', reject).off('close', onClose)
    }
    const onClose = (): void => reject(new Error('The server closed a connection'))
    const onData = (chunk: Buffer): void => {
      answer += chunk.toString('latin1')
      if (!isWhole(answer)) return
      settle()
      resolve(answer)
    }
    socket.on('data', onData).on('error', reject).on('close', onClose)
    socket.write(request)
  })
}

function isWhole(answer: string): boolean {
  const head = answer.indexOf('\r\n\r\n')
  if (head === -1) return false
  const length = /\r\ncontent-length: *(\d+)/i.exec(answer.slice(0, head))?.[1]
  return length === undefined
    ? answer.endsWith('\r\n0\r\n\r\n')
    : answer.length >= head + 4 + Number(length)
}

function readAnswer(answer: string): { cookie: string | undefined; body: string } {
  const head = answer.indexOf('\r\n\r\n')
  const cookies = [...answer.slice(0, head).matchAll(/\r\nset-cookie: *([^\r]*)/gi)]
  return {
    cookie: pairs(cookies.map(([, cookie]) => cookie ?? '')),
    body: answer.slice(head + 4),
  }
}
