import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An Express app is one; of a Hono app, `getRequestListener` makes one. */
type Listener = (request: IncomingMessage, response: ServerResponse) => unknown

export interface RunningServer extends AsyncDisposable {
  readonly url: string
}

/** Serves on a free port of this machine alone, until it is disposed of. */
export async function serve(listener: Listener): Promise<RunningServer> {
  const server = createServer((request, response) => void listener(request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}
