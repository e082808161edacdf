import type { Context } from 'koa'

const LIMIT = 10_240

/** The body of a request. In place of a body parser. */
export async function readJson(ctx: Context): Promise<unknown> {
  let body = ''
  ctx.req.setEncoding('utf8')
  for await (const part of ctx.req as AsyncIterable<string>) {
    body += part
    if (body.length > LIMIT) ctx.throw(413, 'TOO_LARGE')
  }
  try {
    return JSON.parse(body) as unknown
  } catch {
    return ctx.throw(400, 'BAD_REQUEST')
  }
}
