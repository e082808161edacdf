/** What the blocks of the documents use without declaring it, in every setting. */
import type { Fence, Session, Sessions, SessionStore } from '@adjourn/core'
import type { Db, MongoClient } from 'mongodb'

declare global {
  const client: MongoClient
  const db: Db
  const store: SessionStore
  const secrets: string
  const sessions: Sessions
  const fence: Fence
  const userId: string

  function checkPassword(user: unknown, password?: unknown): Promise<boolean>
  function changePassword(user: unknown, form: unknown): Promise<void>
  /** Whose it is; it is good once. */
  function takeResetToken(token: unknown): Promise<string | undefined>
  function disableAccount(user: string): Promise<void>
  function isDisabled(user: string): Promise<boolean>

  /** Of runtimes whose types would be those of all the others. */
  const Bun: { serve(options: { fetch: (request: Request) => Promise<Response> }): void }
  const Deno: { serve(handler: (request: Request) => Promise<Response>): void }
}

export type { Session }
