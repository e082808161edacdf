import type { Express } from 'express'

declare global {
  const app: Express
}

declare module 'express-session' {
  interface SessionData {
    user: string
    cart: string[]
  }
}
