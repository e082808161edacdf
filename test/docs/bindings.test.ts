import { rm } from 'node:fs/promises'
import type { Session, Sessions } from '@adjourn/core'
import { bindingConformance, type Reply, type StartBinding } from '@adjourn/core/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { blocksOf } from './documents.ts'
import { writeBlock } from './running.ts'

type Handler = (request: Request, session: Session) => Response | Promise<Response>

const blocks = await blocksOf('docs/bindings.md')
const binding = blocks.filter(({ code }) => code.includes('export function withSession'))
const { path, folder } = await writeBlock('binding.ts', binding[0]?.code ?? '')
const { withSession } = (await import(path)) as {
  withSession: (sessions: Sessions, handler: Handler) => (request: Request) => Promise<Response>
}

afterAll(() => rm(folder, { recursive: true }))

it('is one block of the document', () => {
  expect(binding).toHaveLength(1)
})

const start: StartBinding = async (routes, { sessions, others }) => {
  const found = new WeakMap<Request, Session[]>()

  async function route(request: Request): Promise<Response> {
    const handler = routes[new URL(request.url).pathname]
    const [first, ...rest] = found.get(request) ?? []
    if (handler === undefined || first === undefined) return new Response(null, { status: 404 })
    const { reply, answer } = replying()
    await handler(first, reply, rest)
    return answer()
  }

  // The first mounted is the outermost.
  const mount = (inner: (request: Request) => Promise<Response>, each: Sessions) =>
    withSession(each, (request, session) => {
      found.set(request, [...(found.get(request) ?? []), session])
      return inner(request)
    })
  const app = [sessions, ...others].reduceRight(mount, route)
  return {
    // A server sends no body in answer to HEAD.
    async at(request) {
      const response = await app(request)
      return request.method === 'HEAD' ? new Response(null, response) : response
    },
    close: async () => {},
  }
}

function replying(): { reply: Reply; answer: () => Response } {
  const headers = new Headers()
  let response: Response | undefined
  return {
    reply: {
      setHeader: (name, value) => headers.set(name, value),
      addHeader: (name, value) => headers.append(name, value),
      send(status, body) {
        response = new Response(body ?? null, { status, headers })
      },
      redirect(location) {
        headers.set('location', location)
        response = new Response(null, { status: 302, headers })
      },
      stream(parts) {
        response = new Response(streamOf(parts), { headers })
      },
    },
    answer: () => response ?? new Response(null, { status: 404 }),
  }
}

function streamOf(parts: AsyncIterable<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    async start(controller) {
      for await (const part of parts) controller.enqueue(encoder.encode(part))
      controller.close()
    },
  })
}

bindingConformance(
  { describe, it },
  {
    start,
    native: [
      {
        name: 'Response.redirect, which is immutable',
        status: 302,
        async start(sessions, act) {
          const at = withSession(sessions, async (_request, session) => {
            await act(session)
            return Response.redirect('http://127.0.0.1/next')
          })
          return { at, close: async () => {} }
        },
      },
    ],
  },
)
