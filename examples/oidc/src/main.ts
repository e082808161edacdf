/** `node src/main.ts`, then open the app, sign in as anybody, and sign out at the provider. */
import { serve } from '@hono/node-server'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { CLIENT_ID, CLIENT_SECRET, createApp, createProvider } from './index.ts'

const origin = 'http://127.0.0.1:3000'
const issuer = 'http://127.0.0.1:3001'
const provider = createProvider({ issuer, origin })
const handle = provider.callback()
const server = createServer((request, response) => void handle(request, response))
server.listen(3001, '127.0.0.1')
await once(server, 'listening')

const client = { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET }
const { app } = await createApp({ origin, issuer, ...client })
serve({ fetch: app.fetch, port: 3000, hostname: '127.0.0.1' }, () => {
  console.log(`The app: ${origin}\nSign out at the provider: ${issuer}/session/end`)
})
