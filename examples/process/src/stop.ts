import { once } from 'node:events'
import type { Server } from 'node:net'

/** Requests under way have as long. Docker ends a process after 10 s, and the stores come after this. */
const LAST_REQUESTS_MS = 7_000

interface HttpServer extends Server {
  closeAllConnections(): void
}

/** Takes no more connections, and resolves when all requests are answered. */
export async function closeServer(server: HttpServer): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  const timer = setTimeout(() => server.closeAllConnections(), LAST_REQUESTS_MS)
  await closed
  clearTimeout(timer)
}

/** The first of these signals stops the app; a second one ends the process as it is. */
export function stopOnSignals(stop: () => Promise<void>): void {
  const stopOnce = (): void => {
    for (const signal of SIGNALS) process.off(signal, stopOnce)
    stop().catch((error: unknown) => {
      console.error(error)
      process.exitCode = 1
    })
  }
  for (const signal of SIGNALS) process.on(signal, stopOnce)
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const
