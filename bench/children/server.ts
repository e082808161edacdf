/** A subject's app on a real server, for a client in another process. */
import type { AddressInfo } from 'node:net'
import { entries } from '../subjects/registry.ts'
import { backendOf } from './backend.ts'
import { readJob, say, type Job } from './start.ts'

const job = readJob() as Job
const open = await entries.get(job.subject)?.load()
const subject = await open?.(job.subject, job.framework, backendOf(job))
const server = await subject?.client.server?.()
server?.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  say(port)
})
