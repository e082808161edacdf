import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { startMongod } from '../../tools/mongod.ts'
import type { Backend } from './subject.ts'

/** Starts what subjects keep their sessions in, and leaves nothing of it behind. */
export async function withBackend<T>(
  log: (words: string) => void,
  run: (backend: Backend) => Promise<T>,
): Promise<T> {
  const server = await startMongod({ replicaSet: 1, log })
  const mongo = new MongoClient(server.uri)
  const folder = await mkdtemp(join(tmpdir(), 'adjourn-bench-'))
  const names: string[] = []
  try {
    await mongo.connect()
    return await run({
      uri: server.uri,
      mongo,
      folder,
      db(subject) {
        const name = `adjourn_bench_${names.length}_${subject}`
        names.push(name)
        return mongo.db(name)
      },
    })
  } finally {
    // The server may be one that stays.
    for (const name of names) await mongo.db(name).dropDatabase()
    await mongo.close()
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
