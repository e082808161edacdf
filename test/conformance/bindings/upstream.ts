import type { RunningApp } from '@adjourn/core/testing'
import { createServer } from 'node:http'
import { listen, type Listening } from './listen.ts'

/** A server whose answers are fetched, and so immutable. */
export function startUpstream(): Promise<Listening> {
  return listen(
    createServer((request, response) => {
      if (request.url === '/moved') response.writeHead(307, { location: '/elsewhere' }).end()
      else
        response
          .writeHead(203, 'Passed on', { 'set-cookie': ['a=1', 'b=2'], 'x-upstream': 'yes' })
          .end('ok')
    }),
  )
}

/**
 * An app whose handlers fetch from an upstream; both are closed together.
 *
 * @param start Starts the app, with the upstream's address.
 * @param open Where fetched answers come from. Default: a server of this process.
 */
export async function startBesideUpstream(
  start: (upstream: string) => Promise<RunningApp>,
  open: typeof startUpstream = startUpstream,
): Promise<RunningApp> {
  const upstream = await open()
  const running = await start(upstream.at)
  return {
    at: running.at,
    async close() {
      await running.close()
      await upstream.close()
    },
  }
}
