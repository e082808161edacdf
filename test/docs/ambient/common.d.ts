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

  /** Of docs/bindings.md. */
  function withSession<D extends object>(
    sessions: Sessions<D>,
    handler: (request: Request, session: Session<D>) => Response | Promise<Response>,
  ): (request: Request) => Promise<Response>
  function checkPassword(user: unknown, password?: unknown): Promise<boolean>
  function changePassword(user: unknown, form: unknown): Promise<void>
  /** Whose it is; it is good once. */
  function takeResetToken(token: unknown): Promise<string | undefined>
  function disableAccount(user: string): Promise<void>
  function isDisabled(user: string): Promise<boolean>
}

export type { Session }
