import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RunningApp } from '@adjourn/core/testing'

/** Where an app listens. */
export interface Listening extends RunningApp {
  readonly at: string
}

/** Listens on a free port of this machine. */
export async function listen(app: RequestListener | Server): Promise<Listening> {
  const server = typeof app === 'function' ? createServer(app) : app
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    at: `http://127.0.0.1:${port}`,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
