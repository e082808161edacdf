import { AsyncLocalStorage } from 'node:async_hooks'
import { EventEmitter, once } from 'node:events'
import type { FromServer, Point, ToServer } from './messages.ts'

/** Where requests that say `?hold=key&at=point` wait until the test lets them go. */
export interface Gate {
  /** Goes on with a request that has loaded its session. */
  loaded(url: string, next: () => unknown): Promise<void>
  /** Called before each write of a session that is there. */
  writing(): Promise<void>
}

/** After that a request that nobody lets go fails. */
const PATIENCE_MS = 20_000

export function openGate(): Gate {
  const letGo = new EventEmitter()
  process.on('message', (message: ToServer) => letGo.emit(message.letGo))
  /** The key of the request that is to wait with its write, and has not yet. */
  const current = new AsyncLocalStorage<{ key: string }>()

  async function hold(key: string): Promise<void> {
    const isLetGo = once(letGo, key, { signal: AbortSignal.timeout(PATIENCE_MS) })
    tell({ holding: key })
    await isLetGo
  }

  return {
    async loaded(url, next) {
      const key = queryOf(url, 'hold')
      const at = queryOf(url, 'at') as Point | ''
      if (at === 'loaded') await hold(key)
      await current.run({ key: at === 'writing' ? key : '' }, next)
    },
    async writing() {
      const request = current.getStore()
      if (request === undefined || request.key === '') return
      const { key } = request
      request.key = ''
      await hold(key)
    },
  }
}

/** Tells the test. */
export function tell(message: FromServer): void {
  process.send?.(message)
}

/** What the query says, empty if nothing. */
export function queryOf(url: string, name: string): string {
  return new URL(url, 'http://localhost').searchParams.get(name) ?? ''
}
