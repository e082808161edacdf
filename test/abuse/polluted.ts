/**
 * A process in which another bug has put properties on Object.prototype before Adjourn was asked for
 * anything. Prints what became of each step, as JSON.
 */
import { createSessions, memoryStore, type Session } from '@adjourn/core'

const POLLUTION: Readonly<Record<string, unknown>> = {
  secure: false,
  httpOnly: false,
  domain: 'evil.example',
  path: '/evil',
  sameSite: 'none',
  partitioned: true,
  maxAge: 1e9,
  expires: new Date(4e12),
  priority: 'low',
  persistent: false,
  name: 'evil',
  prefix: '',
  previous: [{ name: 'app' }],
  cookie: { secure: false },
  secrets: 'the-secret-of-whoever-has-polluted-it',
  store: {},
  schema: { '~standard': { validate: () => ({ value: { evil: true } }) } },
  idleTimeout: 1e12,
  absoluteTimeout: 1e12,
  touchAfter: 0,
  maxSessionsPerUser: 1,
  maxDataSize: 1,
  maxSessions: 1,
  userId: 'evil',
  user: 'evil',
  tag: 'evil',
  tags: ['evil'],
  federation: { issuer: 'evil', subject: 'evil' },
  issuer: 'evil',
  subject: 'evil',
  sid: 'evil',
  fence: { userId: 'evil', takenAt: 0, groups: [] },
  since: new Date(0),
  everyone: true,
  device: { label: 'evil' },
  authenticatedAt: new Date(4e12),
  clearSiteData: true,
  setCookie: '__Host-session=evil',
  clearings: ['app=; Max-Age=0'],
  data: { evil: true },
  formerSecret: 'e'.repeat(43),
  formerHash: 'e'.repeat(43),
  isTampered: true,
  required: true,
  acknowledged: true,
}

const seen: Record<string, unknown> = {}

function pollute(except: unknown): void {
  for (const [key, value] of Object.entries({ ...POLLUTION, except })) {
    // oxlint-disable-next-line no-extend-native -- It is what this process is about.
    Object.defineProperty(Object.prototype, key, { value, configurable: true, writable: true })
  }
}

function clean(): void {
  for (const key of Object.keys({ ...POLLUTION, except: 0 })) {
    Reflect.deleteProperty(Object.prototype, key)
  }
}

async function attempt(name: string, act: () => unknown): Promise<void> {
  try {
    seen[name] = await act()
  } catch (error) {
    seen[name] = String(error)
  }
}

pollute('nobody')
const store = memoryStore()
const secrets = 'the-secret-of-the-app-that-is-polluted'
const sessions = createSessions({ secrets, store })

/** One request; what it sets, and the cookie from then on. */
async function visit<T>(cookie: string | undefined, handle: (session: Session) => T) {
  let queued: { setCookie?: string; clearings?: unknown; clearSiteData?: unknown } = {}
  const session = await sessions.load({
    header: (name) => (name === 'cookie' ? cookie : undefined),
    headersSent: () => false,
    queue: (headers) => (queued = headers as never),
  })
  const result = await handle(session)
  const { setCookie, clearings, clearSiteData } = queued
  return { result, setCookie, others: [clearings, clearSiteData], cookie: setCookie?.split(';')[0] }
}

const who = (session: Session): unknown => [session.active, session.userId ?? null, session.tags]

await attempt('visitor', async () => (await visit(undefined, who)).result)

const anonymous = await visit(undefined, async (session) => {
  session.data['n'] = 1
  await session.save()
  return who(session)
})
seen['anonymous'] = [
  anonymous.result,
  anonymous.setCookie?.replace(/=Fe[^;]+/, ''),
  anonymous.others,
]
await attempt('anonymous again', async () => (await visit(anonymous.cookie, who)).result)

const ann = await visit(undefined, async (session) => {
  await session.create({ userId: 'ann' })
  return [who(session), session.expiresAt!.getTime() - session.createdAt!.getTime()]
})
seen['ann'] = ann.result
await attempt('rotated', async () => {
  const rotated = await visit(ann.cookie, async (session) => {
    await session.rotate({})
    return who(session)
  })
  ann.cookie = rotated.cookie
  return rotated.result
})
await attempt('found', async () => {
  const { result: id } = await visit(anonymous.cookie, (session) => session.id ?? '')
  const { userId, authenticatedAt, device } = Object.assign(
    Object.create(null) as object,
    await sessions.find(id),
  ) as Record<string, unknown>
  return [userId ?? null, authenticatedAt ?? null, device ?? null]
})
await attempt('fence', async () => (await sessions.fence('ann', {})).groups.length)
const annId = (await visit(ann.cookie, (session) => session.id)).result
clean()
pollute(annId)
await attempt('revoked', async () => [
  await sessions.revokeAll('ann', {}),
  (await visit(ann.cookie, who)).result,
])
await attempt('ended', async () => {
  const ended = await visit(anonymous.cookie, (session) => session.end({}))
  return [ended.setCookie, ended.others]
})
const bob = await visit(undefined, (session) =>
  session.create({ userId: 'bob', federation: { issuer: 'https://idp', subject: 'b' } }),
)
await attempt('federation', async () => [
  await sessions.revokeAll({ federation: { issuer: 'https://idp', subject: 'b' } }),
  (await visit(bob.cookie, who)).result,
])
clean()
console.log(JSON.stringify(seen))
