import type { Session, Sessions, SessionsOptions } from '@adjourn/core'
import { request, type Answer, type World } from './world.ts'

/** One thing that somebody does while somebody else does another. */
export interface Operation {
  readonly name: string
  /** Whose sessions it ends: the target's, the user's, those but the target's, the tag's, all. */
  readonly ends: 'nobody' | 'target' | 'user' | 'others' | 'tagged' | 'everyone'
  /** It replaces the target's cookie. */
  readonly rotates?: boolean
  /** It takes the target out of the tag. */
  readonly leaves?: boolean
  /** It starts a session of the user. */
  readonly logsIn?: boolean
  /** It may end the user's least recently seen session. */
  readonly limits?: boolean
  run(scene: Scene): Promise<Answer>
}

interface Scene {
  readonly world: World
  sessions(options?: Partial<SessionsOptions>): Sessions
  readonly target: 'a' | 'b'
  /** Tells the operations of a race apart. */
  readonly key: string
}

const onTarget =
  (handle: (session: Session, scene: Scene) => Promise<unknown>) =>
  (scene: Scene): Promise<Answer> =>
    request(scene.sessions(), scene.world[scene.target].cookie, (session) => handle(session, scene))

const fromAnywhere =
  (act: (sessions: Sessions, scene: Scene) => Promise<unknown>) =>
  (scene: Scene): Promise<Answer> => {
    const sessions = scene.sessions()
    return request(sessions, undefined, () => act(sessions, scene))
  }

export const operations: readonly Operation[] = [
  {
    name: 'save',
    ends: 'nobody',
    run: onTarget(async (session, { key }) => {
      session.data[key] = 'saved'
      await session.save()
    }),
  },
  {
    name: 'update',
    ends: 'nobody',
    run: onTarget((session, { key }) => session.update((data) => ({ ...data, [key]: 'updated' }))),
  },
  { name: 'rotate', ends: 'nobody', rotates: true, run: onTarget((session) => session.rotate()) },
  {
    name: 'rotate into a tag',
    ends: 'nobody',
    rotates: true,
    run: onTarget((session, { world: { tag } }) => session.rotate({ tags: [tag, `new-${tag}`] })),
  },
  {
    name: 'rotate out of a tag',
    ends: 'nobody',
    rotates: true,
    leaves: true,
    run: onTarget((session) => session.rotate({ tags: [] })),
  },
  {
    name: 'touch',
    ends: 'nobody',
    run: async ({ sessions, world, target }) => {
      return request(sessions({ touchAfter: 1 }), world[target].cookie, async () => {})
    },
  },
  {
    name: 'login of the visitor',
    ends: 'nobody',
    logsIn: true,
    run: ({ sessions, world }) =>
      request(sessions(), world.visitor.cookie, (session) =>
        session.create({ userId: world.user }),
      ),
  },
  {
    name: 'login with a fence',
    ends: 'nobody',
    logsIn: true,
    run: ({ sessions, world }) => {
      const all = sessions()
      return request(all, undefined, async (session) => {
        const fence = await all.fence(world.user)
        await session.create({ userId: world.user, fence })
      })
    },
  },
  {
    name: 'login at the limit',
    ends: 'nobody',
    logsIn: true,
    limits: true,
    run: ({ sessions, world }) =>
      request(sessions({ maxSessionsPerUser: 2 }), undefined, (session) =>
        session.create({ userId: world.user }),
      ),
  },
  { name: 'end', ends: 'target', run: onTarget((session) => session.end()) },
  {
    name: 'destroy',
    ends: 'target',
    run: fromAnywhere((sessions, { world, target }) => sessions.destroy(world[target].id)),
  },
  {
    name: 'revokeAll',
    ends: 'user',
    run: fromAnywhere((sessions, { world }) => sessions.revokeAll(world.user)),
  },
  {
    name: 'revokeAll except',
    ends: 'others',
    run: fromAnywhere((sessions, { world, target }) =>
      sessions.revokeAll(world.user, { except: world[target].id }),
    ),
  },
  {
    name: 'revokeOthers',
    ends: 'others',
    rotates: true,
    run: onTarget((session) => session.revokeOthers()),
  },
  {
    name: 'revoke the tag',
    ends: 'tagged',
    run: fromAnywhere((sessions, { world: { tag } }) => sessions.revokeAll({ tag })),
  },
  {
    name: 'revoke everyone',
    ends: 'everyone',
    run: fromAnywhere((sessions) => sessions.revokeAll({ everyone: true })),
  },
]
