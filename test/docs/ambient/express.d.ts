import '@adjourn/express/augment'
import type { Express, Request, Response } from 'express'
import type { WebSocket } from 'ws'

declare global {
  const app: Express
  const req: Request
  const res: Response
  const socket: WebSocket
}
