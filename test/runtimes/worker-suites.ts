/** On workerd with Node's modules, which the conformance suites are written with. */
import { memoryStore } from '@adjourn/core'
import { bindingConformance, storeConformance, type Runner } from '@adjourn/core/testing'
import { inProcess, startHono } from '../conformance/bindings/hono-app.ts'
import { honoNative } from '../conformance/bindings/hono-native.ts'
import { collect } from './results.ts'

interface Bindings {
  /** Where fetched answers come from: a worker cannot listen. */
  readonly UPSTREAM: string
}

const suites: Readonly<Record<string, (runner: Runner, bindings: Bindings) => void>> = {
  '/suites/store-memory': (runner) =>
    storeConformance(runner, { feed: true, create: async () => ({ store: memoryStore() }) }),
  '/suites/hono-in-process': (runner, { UPSTREAM: at }) => {
    const native = honoNative(inProcess, async () => ({ at, close: async () => {} }))
    bindingConformance(runner, { start: startHono(inProcess), native })
  },
}

export default {
  async fetch(request: Request, bindings: Bindings): Promise<Response> {
    const suite = suites[new URL(request.url).pathname]
    if (suite === undefined) return new Response(null, { status: 404 })
    const leftOut = (await request.json()) as string[]
    return Response.json(await collect((runner) => suite(runner, bindings), leftOut))
  },
}
