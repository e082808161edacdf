import express, { type Request, type RequestHandler, type Response } from 'express'
import { expressClient, type Listener } from '../measure/express-client.ts'
import { NOBODY, type Client } from '../measure/subject.ts'

/** What a subject does in the handlers, which are the same for all. */
export interface ExpressActs {
  who(request: Request): string | undefined
  logIn?(request: Request, response: Response, user: string): Promise<void>
  logOut?(request: Request, response: Response): Promise<void>
  save?(request: Request, response: Response, value: string): Promise<void>
}

export function expressApp(middleware: readonly RequestHandler[], acts: ExpressActs): Client {
  const app = express()
  let saves = 0
  for (const handler of middleware) app.use(handler)
  app.get('/me', (req, res) => {
    res.send(acts.who(req) ?? NOBODY)
  })
  app.post('/login/:user', async (req, res) => {
    await acts.logIn?.(req, res, req.params.user)
    res.send('in')
  })
  app.post('/logout', async (req, res) => {
    await acts.logOut?.(req, res)
    res.send('out')
  })
  app.post('/save', async (req, res) => {
    await acts.save?.(req, res, `value ${++saves}`)
    res.send('saved')
  })
  return expressClient(app as Listener)
}
