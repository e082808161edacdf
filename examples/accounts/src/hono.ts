import { createMiddleware } from 'hono/factory'
import { validator } from 'hono/validator'
import type { z } from 'zod'
import { isFromElsewhere } from './same-origin.ts'

/** What a handler takes as `c.req.valid('json')`, of the schema's type. */
export const json = <T>(schema: z.ZodType<T>) =>
  validator('json', (value, c) => {
    const read = schema.safeParse(value)
    return read.success ? read.data : c.json({ error: 'BAD_REQUEST' }, 400)
  })

/** Refuses what pages of other origins send. */
export const sameOrigin = createMiddleware(async (c, next) => {
  const { method } = c.req
  if (isFromElsewhere(method, (name) => c.req.header(name))) {
    return c.json({ error: 'FROM_ELSEWHERE' }, 403)
  }
  return next()
})
