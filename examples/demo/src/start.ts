import { getRequestListener } from '@hono/node-server'
import { expressApp } from './adjourn-express.ts'
import { honoApp } from './adjourn-hono.ts'
import { createAudit } from './audit.ts'
import { openData, type DataOptions } from './data.ts'
import type { Demo } from './demo.ts'
import { createExperiment, type OpenStorage } from './experiment.ts'
import { listen } from './server.ts'
import { openSessions } from './sessions.ts'

export interface DemoOptions extends DataOptions {
  /** Wanted by Express; Hono wants the next. Where one is taken, a free one is used. Default: free ones. */
  readonly port?: number
  /** How the experiment opens its MongoDB. Default: any that can be found or fetched. */
  readonly openStorage?: OpenStorage
}

export interface RunningDemo extends AsyncDisposable {
  readonly express: string
  readonly hono: string
  /** Where sessions and accounts are, in words. */
  readonly place: string
}

/** Both apps, on one `sessions`. */
export async function startDemo(options: DemoOptions): Promise<RunningDemo> {
  await using opened = new AsyncDisposableStack()
  const data = opened.use(await openData(options))
  const audit = createAudit()
  const { store, secret } = data
  const sessions = openSessions({ store, secret, onEvent: (event) => audit.record(event) })
  opened.defer(() => sessions.close())
  const experiment = opened.use(createExperiment(options.openStorage))

  const { port = 0 } = options
  const express = opened.use(await listen(port))
  const hono = opened.use(await listen(port === 0 ? 0 : port + 1))
  const ports = { Express: express.port, Hono: hono.port }
  const demo: Demo = { sessions, accounts: data.accounts, audit, ports, experiment }
  express.answer(expressApp(demo))
  hono.answer(getRequestListener(honoApp(demo).fetch))

  const rest = opened.move()
  return {
    express: express.url,
    hono: hono.url,
    place: data.place,
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  }
}
