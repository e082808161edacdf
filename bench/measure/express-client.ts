import { createServer, IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { pairs } from './pairs.ts'
import type { Client, Send } from './subject.ts'

/** Anything that answers Node's requests. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => void

/** In process: real requests and responses on a socket that goes nowhere. */
export function expressClient(app: Listener): Client {
  return { connect: () => connect(app), server: () => createServer(app) }
}

function connect(app: Listener): Send {
  const wire = new Wire()
  // Node's classes ask for a Socket, and use what any stream has.
  const socket = wire as unknown as Socket
  return ({ method = 'GET', path, cookie }, read = false) =>
    new Promise((resolve) => {
      const request = new IncomingMessage(socket)
      request.method = method
      request.url = path
      request.headers = { host: '127.0.0.1', ...(cookie !== undefined && { cookie }) }
      request.complete = true
      const response = new ServerResponse(request)
      wire.sent = read ? [] : undefined
      response.assignSocket(socket)
      response.once('finish', () => {
        response.detachSocket(socket)
        const status = response.statusCode
        resolve(read ? { status, ...readAnswer(response, wire.sent ?? []) } : { status })
        response.emit('close')
      })
      app(request, response)
    })
}

class Wire extends Duplex {
  sent: Buffer[] | undefined

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.sent?.push(chunk)
    done()
  }
}

function readAnswer(
  response: ServerResponse,
  sent: readonly Buffer[],
): { cookie: string | undefined; body: string } {
  const cookies = [response.getHeader('set-cookie') ?? []].flat().map(String)
  const text = Buffer.concat(sent).toString()
  return { cookie: pairs(cookies), body: text.slice(text.indexOf('\r\n\r\n') + 4) }
}
