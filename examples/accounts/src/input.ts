import { z } from 'zod'

// A user's name goes into the cookie, and the time to hash a password must not be the client's choice.
const user = z.string().regex(/^[\w.@+-]{1,100}$/)
const password = z.string().min(1).max(200)

export const credentials = z.object({ user, password })
export const passwordChange = z.object({ current: password, next: password })
