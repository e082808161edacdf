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
