/** How long it takes from the first import to the first answer, in a process of its own. */
import { NOBODY } from '../measure/subject.ts'
import { entries } from '../subjects/registry.ts'
import { backendOf } from './backend.ts'
import { readJob, say, type Job } from './start.ts'

const job = readJob() as Job
const backend = backendOf(job)
const start = performance.now()
const open = await entries.get(job.subject)?.load()
const subject = await open?.(job.subject, job.framework, backend)
const call = { path: '/me', ...(job.cookie !== '' && { cookie: job.cookie }) }
const reply = await subject?.client.connect()(call, true)
say({ time: performance.now() - start, body: reply?.body ?? NOBODY })
