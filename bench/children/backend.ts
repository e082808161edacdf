import { createRequire } from 'node:module'
import type * as Driver from 'mongodb'
import type { Backend } from '../measure/subject.ts'
import type { Job } from './start.ts'

const require = createRequire(import.meta.url)

/** The parent's, as far as a subject asks for it: who needs no driver does not load it. */
export function backendOf({ uri, db, folder }: Job): Backend {
  let client: Backend['mongo'] | undefined
  const connect = (): Backend['mongo'] => {
    const { MongoClient } = require('mongodb') as typeof Driver
    return (client ??= new MongoClient(uri))
  }
  return {
    uri,
    folder,
    get mongo() {
      return connect()
    },
    db: () => connect().db(db),
  }
}
