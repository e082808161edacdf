import { validator } from 'hono/validator'
import type { z } from 'zod'

/** What a handler takes as `c.req.valid('json')`, of the schema's type. */
export const json = <T>(schema: z.ZodType<T>) =>
  validator('json', (value, c) => {
    const read = schema.safeParse(value)
    return read.success ? read.data : c.json({ error: 'BAD_REQUEST' }, 400)
  })
