import { cpus } from 'node:os'
import type { MongoClient } from 'mongodb'

/** What the figures depend on beside the code. */
export interface Environment {
  readonly date: string
  readonly node: string
  readonly mongod: string
  readonly cpu: string
  readonly cpus: number
}

export async function readEnvironment(mongo: MongoClient): Promise<Environment> {
  const { version } = (await mongo.db().admin().buildInfo()) as { version: string }
  const processors = cpus()
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    mongod: version,
    cpu: processors[0]?.model ?? 'unknown',
    cpus: processors.length,
  }
}
