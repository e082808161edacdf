import { credentials } from '@adjourn/example-accounts'
import { handle, readJson, refuse } from '../../handle.ts'
import { sessions } from '../../sessions.ts'
import { accounts } from '../../users.ts'

// A real app also limits how often one may try.
export const POST = handle(async (request, session) => {
  const { data } = credentials.safeParse(await readJson(request))
  if (data === undefined) return refuse(400, 'BAD_REQUEST')
  const { user, password } = data
  // Before the password is checked: if it is changed meanwhile, this login ends with the rest.
  const fence = await sessions.fence(user)
  if (!(await accounts.check(user, password))) return refuse(401, 'WRONG_CREDENTIALS')
  await session.create({ userId: user, fence })
  return Response.json({ user })
})
