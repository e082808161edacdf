import { handle, refuse } from '../../handle.ts'

export const GET = handle((_request, { userId }) =>
  userId === undefined ? refuse(401, 'NOT_SIGNED_IN') : Response.json({ user: userId }),
)
