import { createAdaptorServer } from '@hono/node-server'
import type { RunningApp } from '@adjourn/core/testing'
import type { Server } from 'node:http'
import { listen } from '../conformance/bindings/listen.ts'

type Fetch = (request: Request) => Response | Promise<Response>

interface BunServer {
  readonly port: number
  stop(closeActiveConnections: boolean): Promise<void>
}

interface DenoServer {
  readonly addr: { readonly port: number }
  shutdown(): Promise<void>
}

/** What the runtimes have beside the Web's own, as far as it is needed here. */
interface Globals {
  readonly Bun?: {
    readonly version: string
    serve(options: { hostname: string; port: number; fetch: Fetch }): BunServer
  }
  readonly Deno?: {
    readonly version: { readonly deno: string }
    serve(
      options: { hostname: string; port: number; signal: AbortSignal; onListen: () => void },
      fetch: Fetch,
    ): DenoServer
  }
}

const { Bun, Deno } = globalThis as Globals

/** What this process runs on. */
export const runtimeName: string =
  (Bun && `Bun ${Bun.version}`) ??
  (Deno && `Deno ${Deno.version.deno}`) ??
  `Node ${process.versions.node}`

/** Serves with what the runtime itself has for it; on Node, with Hono's adapter. */
export async function serve({ fetch }: { readonly fetch: Fetch }): Promise<RunningApp> {
  if (Bun) {
    const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: (request) => fetch(request) })
    return { at: `http://127.0.0.1:${server.port}`, close: () => server.stop(true) }
  }
  if (Deno) {
    const stop = new AbortController()
    const options = { hostname: '127.0.0.1', port: 0, signal: stop.signal, onListen: () => {} }
    const server = Deno.serve(options, (request) => fetch(request))
    return {
      at: `http://127.0.0.1:${server.addr.port}`,
      async close() {
        stop.abort()
      },
    }
  }
  return listen(createAdaptorServer({ fetch }) as Server)
}
