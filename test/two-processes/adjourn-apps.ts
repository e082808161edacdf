import { createSessions, type Session, type SessionStore, type Sessions } from '@adjourn/core'
import * as onExpress from '@adjourn/express'
import * as onHono from '@adjourn/hono'
import { mongoStore } from '@adjourn/mongodb'
import { createAdaptorServer } from '@hono/node-server'
import express from 'express'
import { Hono } from 'hono'
import type { Db } from 'mongodb'
import type { RequestListener, Server } from 'node:http'
import { queryOf, type Gate } from './gate.ts'

interface AppData {
  note: string
}

/** What a route does with the session and the `of` of its query; resolves to the answer. */
type Act = (session: Session<AppData>, of: string) => Promise<string>

export function openSessions(db: Db, gate: Gate): Sessions<AppData> {
  return createSessions<AppData>({
    store: held(mongoStore(db), gate),
    secrets: 'the-secret-that-both-processes-share',
    cookie: { secure: false },
    // Every request writes that it has seen its session, also one that only reads.
    touchAfter: 0,
  })
}

/** The store with updates that pass the gate: `save` reads once more before it writes. */
function held(store: SessionStore, gate: Gate): SessionStore {
  const write = store.update.bind(store)
  const update: SessionStore['update'] = async (...args) => {
    await gate.writing()
    return write(...args)
  }
  return Object.assign(store, { update })
}

function routes(sessions: Sessions<AppData>): [path: string, act: Act][] {
  return Object.entries<Act>({
    '/login': async (session, user) => {
      await session.create({ userId: user, fence: await sessions.fence(user) })
      return user
    },
    '/read': async ({ userId: user, data: { note } }) => JSON.stringify({ user, note }),
    '/save': async (session, note) => {
      session.data.note = note
      await session.save()
      return 'saved'
    },
    '/update': async (session, note) => {
      await session.update((data) => {
        data.note = note
      })
      return 'updated'
    },
    '/rotate': async (session) => {
      await session.rotate()
      return 'rotated'
    },
    '/end': async (session) => {
      await session.end()
      return 'ended'
    },
    '/revokeAll': async (_session, user) => String(await sessions.revokeAll(user)),
  })
}

export function expressApp(sessions: Sessions<AppData>, gate: Gate): RequestListener {
  const app = express().use(onExpress.session(sessions), (req, _res, next) =>
    gate.loaded(req.url, next),
  )
  for (const [path, act] of routes(sessions)) {
    app.get(path, async (req, res) => {
      res.send(await act(onExpress.sessionOf(req, sessions), queryOf(req.url, 'of')))
    })
  }
  return app
}

export function honoApp(sessions: Sessions<AppData>, gate: Gate): Server {
  const app = new Hono().use(onHono.session(sessions), (c, next) => gate.loaded(c.req.url, next))
  for (const [path, act] of routes(sessions)) {
    app.get(path, async (c) => c.text(await act(c.var.session, queryOf(c.req.url, 'of'))))
  }
  return createAdaptorServer({ fetch: app.fetch }) as Server
}
