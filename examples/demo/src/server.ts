import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An Express app is one; of a Hono app, `getRequestListener` makes one. */
type Listener = (request: IncomingMessage, response: ServerResponse) => unknown

export interface RunningServer extends AsyncDisposable {
  readonly port: number
  readonly url: string
  answer(listener: Listener): void
}

/** Listens on a port of this machine alone, on a free one if that is taken, until it is disposed of. */
export async function listen(wanted = 0): Promise<RunningServer> {
  const server = createServer()
  const bind = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject)
        resolve()
      })
    })
  await bind(wanted).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error
    return bind(0)
  })
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    answer(listener) {
      server.on('request', (request, response) => void listener(request, response))
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}
