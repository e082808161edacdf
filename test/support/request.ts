import type { Session, Sessions } from '@adjourn/core'

/** A request to sessions without an app around them, and the cookie that its answer would set. */
export async function request<D extends object>(
  sessions: Sessions<D>,
  cookie?: string,
): Promise<{ session: Session<D>; cookie(): string }> {
  let set = cookie ?? ''
  const session = await sessions.load({
    header: (name) => (name === 'cookie' ? cookie : undefined),
    headersSent: () => false,
    queue: ({ setCookie = set }) => {
      set = setCookie.split(';')[0] ?? ''
    },
  })
  return { session, cookie: () => set }
}
