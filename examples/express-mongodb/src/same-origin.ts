import { isFromElsewhere } from '@adjourn/example-accounts/same-origin'
import type { RequestHandler } from 'express'

/** Refuses what pages of other origins send. */
export const sameOrigin: RequestHandler = (req, res, next) => {
  if (isFromElsewhere(req.method, (name) => req.get(name))) {
    return void res.status(403).json({ error: 'FROM_ELSEWHERE' })
  }
  next()
}
