/** One node of the examples with live connections on MongoDB, for the test that forks it: `server.ts kind uri database`. */
import { createSessions, type Session } from '@adjourn/core'
import { expressApp, honoApp } from '@adjourn/example-live'
import { acceptSockets } from '@adjourn/example-websocket'
import { mongoStore } from '@adjourn/mongodb'
import { createAdaptorServer } from '@hono/node-server'
import { MongoClient } from 'mongodb'
import { createServer, type Server } from 'node:http'
import { listen } from '../conformance/bindings/listen.ts'
import type { FromServer, ToServer } from './messages.ts'

// The test is over, however it ended: nobody is there to ask.
process.once('disconnect', () => process.exit())

const [kind = '', uri = '', database = ''] = process.argv.slice(2)
const client = await new MongoClient(uri).connect()
const sessions = createSessions({
  store: mongoStore(client.db(database)),
  secrets: 'the-secret-that-both-processes-share',
  cookie: { secure: false },
})
const server =
  kind === 'Hono'
    ? (createAdaptorServer({ fetch: honoApp(sessions).fetch }) as Server)
    : createServer(expressApp(sessions))
acceptSockets(server, sessions)
const { at } = await listen(server)

const tell = (message: FromServer): void => void process.send?.(message)

/** A request that is answered at once; resolves to the cookie it hands out. */
async function request(
  cookie: string,
  act: (session: Session) => Promise<void>,
): Promise<string | undefined> {
  let handedOut: string | undefined
  const session = await sessions.load({
    header: (name) => (name === 'cookie' ? cookie : undefined),
    headersSent: () => false,
    queue: ({ setCookie }) => {
      handedOut = setCookie?.split(';')[0]
    },
  })
  await act(session)
  return handedOut
}

async function timed(act: () => Promise<unknown>): Promise<void> {
  const began = Date.now()
  await act()
  tell({ began, resolved: Date.now() })
}

process.on('message', (message: ToServer) => void answer(message))

async function answer(message: ToServer): Promise<void> {
  if ('signIn' in message) {
    const users = Array.from({ length: message.signIn }, (_, n) => `user-${n}`)
    const cookies = await Promise.all(
      users.map((userId) => request('', (session) => session.create({ userId }))),
    )
    tell({ cookies: cookies.filter((cookie) => cookie !== undefined) })
  } else if ('logOut' in message) {
    await timed(() => request(message.logOut, (session) => session.end()))
  } else {
    await timed(() => sessions.revokeAll({ everyone: true }))
  }
}

tell({ listeningAt: at })
