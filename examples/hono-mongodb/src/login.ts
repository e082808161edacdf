import { truncateIp, type Device } from '@adjourn/core'
import { credentials } from '@adjourn/example-accounts'
import type { Env } from '@adjourn/hono'
import { getConnInfo } from '@hono/node-server/conninfo'
import { Hono, type Context } from 'hono'
import type { AppData, AppOptions } from './options.ts'
import { json } from '@adjourn/example-accounts/hono'

export const loginRoutes = ({ sessions, accounts, trustedProxies }: AppOptions) =>
  new Hono<Env<AppData>>()
    // A real app also limits how often one may try.
    .post('/login', json(credentials), async (c) => {
      const { user, password } = c.req.valid('json')
      // Before the password is checked: if it is changed meanwhile, this login ends with the rest.
      const fence = await sessions.fence(user)
      if (!(await accounts.check(user, password))) {
        return c.json({ error: 'WRONG_CREDENTIALS' }, 401)
      }
      await c.var.session.create({ userId: user, fence, device: deviceOf(c, trustedProxies) })
      return c.json({ user })
    })
    .post('/logout', async (c) => {
      await c.var.session.end()
      return c.body(null, 204)
    })

/** What the user will see of this device in the list of theirs. */
function deviceOf(c: Context, trustedProxies: number): Device {
  return {
    userAgent: c.req.header('user-agent')?.slice(0, 200) ?? 'unknown',
    ip: truncateIp(addressOf(c, trustedProxies)) ?? 'unknown',
  }
}

/** Each proxy adds whom it was asked by; what comes before is what the client says, true or not. */
function addressOf(c: Context, trustedProxies: number): string | undefined {
  const said = c.req.header('x-forwarded-for')?.split(',') ?? []
  const addresses = [...said.map((each) => each.trim()), getConnInfo(c).remote.address]
  return addresses[Math.max(0, addresses.length - 1 - trustedProxies)]
}
