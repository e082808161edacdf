/** On workerd without any of Node's modules: the guarantees, and the app that is asked from outside. */
import { memoryStore } from '@adjourn/core'
import { guarantees } from './guarantees.ts'
import { collect } from './results.ts'
import { createShop } from './shop.ts'

let shop: ReturnType<typeof createShop> | undefined

export default {
  async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname === '/suites/guarantees-memory') {
      const store = memoryStore()
      const open = async () => store
      return Response.json(
        await collect(guarantees({ open, openAnother: open }), (await request.json()) as string[]),
      )
    }
    // A worker has no random numbers before its first request.
    shop ??= createShop(memoryStore())
    return shop.fetch(request)
  },
}
