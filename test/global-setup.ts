/** One real MongoDB for all test files of this folder; each uses a database of its own name. */
import type { TestProject } from 'vitest/node'
import { startMongod } from '../tools/mongod.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The server's address, without a database. */
    mongodbUri: string
  }
}

/** @returns What stops the server. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startMongod({ replicaSet: 1, log: () => {} })
  project.provide('mongodbUri', server.uri)
  return () => server.stop()
}
