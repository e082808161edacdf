import type { Sessions } from '@adjourn/core'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'

/** RFC 6455, section 7.4.1: what the client did is against the policy; here, going on after a logout. */
const POLICY_VIOLATION = 1008

/** Of one message, and of what a client has not read yet. */
const MOST_BYTES = 64 * 1024

/** Web sockets of signed-in users, which close when their session ends. Works with any framework. */
export function acceptSockets(server: Server, sessions: Sessions): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_BYTES })
  server.on('upgrade', (request, socket, head) => {
    // Anybody can break off a connection, and an error that nobody listens for ends the process.
    socket.on('error', () => socket.destroy())
    accept(request, socket, head).catch(() => refuse(socket, '503 Service Unavailable'))
  })

  async function accept(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // Any site may open a socket to any other, and browsers send cookies along.
    if (!isSameOrigin(request)) return refuse(socket, '403 Forbidden')
    const session = await sessions.load({
      header: (name) => request.headers[name],
      // A handshake hands out no cookie.
      headersSent: () => true,
      queue: () => {},
    })
    if (session.userId === undefined) return refuse(socket, '401 Unauthorized')
    sockets.handleUpgrade(request, socket, head, (ws) => {
      ws.on('error', () => ws.terminate())
      ws.send(`hello ${session.userId}`)
      ws.on('message', (data) => {
        // Until the client answers the close, what it sends still arrives.
        if (session.signal.aborted) return
        // It sends, and does not read what it gets.
        if (ws.bufferedAmount > MOST_BYTES) return ws.terminate()
        ws.send(data)
      })
      // Ended on this node or on another, or meanwhile.
      const close = (): void => ws.close(POLICY_VIOLATION, 'signed out')
      if (session.signal.aborted) close()
      session.signal.addEventListener('abort', close, { once: true })
      // All requests of a session share one signal.
      ws.once('close', () => session.signal.removeEventListener('abort', close))
    })
  }
}

function isSameOrigin({ headers }: IncomingMessage): boolean {
  const { origin, host } = headers
  // Clients that are no browsers send no Origin, and nobody's cookies but their own.
  if (origin === undefined) return true
  return URL.canParse(origin) && new URL(origin).host === host
}

function refuse(socket: Duplex, status: string): void {
  if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`)
}
