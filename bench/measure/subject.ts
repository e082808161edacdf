import type { Server } from 'node:http'
import type { Db, MongoClient } from 'mongodb'

export type Framework = 'hono' | 'express'

export interface Call {
  readonly method?: 'GET' | 'POST'
  readonly path: string
  /** The whole Cookie header. */
  readonly cookie?: string
}

interface Reply {
  readonly status: number
  /** What a browser would send back, where the reply has a Set-Cookie. Only if it was to be read. */
  readonly cookie?: string | undefined
  /** Only if it was to be read. */
  readonly body?: string
}

/** Sends one request and awaits its answer; reads the answer only if asked to. */
export type Send = (call: Call, read?: boolean) => Promise<Reply>

/** A way to an app. */
export interface Client {
  /** In process; a connection carries one request at a time. */
  readonly connect: () => Send
  /** The same app on a real server; absent where it is in another process. */
  readonly server?: () => Server | Promise<Server>
}

/** A server's app as measured: `GET /me`, `POST /login/:user`, `POST /logout`, `POST /save`. */
export interface Subject {
  readonly name: string
  readonly framework: Framework
  readonly client: Client
  /** What `/me` answers to somebody, and to nobody. */
  says(user: string | undefined): string
  /** Resolves when what it has left under way is done; where nothing is, it is absent. */
  settled?(): Promise<unknown>
  close(): Promise<void>
}

/** What subjects keep their sessions in. */
export interface Backend {
  readonly uri: string
  readonly mongo: MongoClient
  /** A folder for files. */
  readonly folder: string
  /** A database that no other subject has. */
  db(subject: string): Db
}

export const NOBODY = 'nobody'
/** What `/me` says where there are none. */
export const WHOEVER = 'whoever'

/** What `/me` says where there are sessions. */
export const bySession = (user: string | undefined): string => user ?? NOBODY

export const FRAMEWORKS = ['hono', 'express'] as const
