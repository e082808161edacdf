import { handle } from '../../handle.ts'

export const POST = handle(async (_request, session) => {
  await session.end()
  return new Response(null, { status: 204 })
})
