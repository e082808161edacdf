/** `npm start`: the worker on this machine. */
import { randomBytes } from 'node:crypto'
import { startLocally } from './index.ts'

const worker = await startLocally({ secrets: randomBytes(32).toString('base64'), port: 3000 })
console.log(String(await worker.ready).replace('127.0.0.1', 'localhost'))
process.once('SIGINT', () => void worker.dispose())
process.once('SIGTERM', () => void worker.dispose())
