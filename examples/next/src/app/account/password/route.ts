import { passwordChange } from '@adjourn/example-accounts'
import { handle, readJson, refuse } from '../../../handle.ts'
import { sessions } from '../../../sessions.ts'
import { accounts } from '../../../users.ts'

export const POST = handle(async (request, session) => {
  const { userId } = session
  if (userId === undefined) return refuse(401, 'NOT_SIGNED_IN')
  const { data } = passwordChange.safeParse(await readJson(request))
  if (data === undefined) return refuse(400, 'BAD_REQUEST')
  if (!(await accounts.check(userId, data.current))) return refuse(403, 'WRONG_PASSWORD')
  await accounts.setPassword(userId, data.next)
  await sessions.revokeAll(userId, { except: session })
  await session.rotate()
  return new Response(null, { status: 204 })
})
