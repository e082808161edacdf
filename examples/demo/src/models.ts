import type { Session } from '@adjourn/core'
import { isAdmin, type Demo } from './demo.ts'
import type { Experiment } from './experiment-state.ts'
import { userOf } from './frame.ts'
import type { Live, Parts } from './live.ts'
import { accountParts } from './pages/account.ts'
import { adminParts, type Admin } from './pages/admin.ts'
import type { DeviceList } from './pages/devices.ts'
import type { Html } from './pages/layout.ts'
import { whyParts } from './pages/why.ts'
import type { AppData } from './sessions.ts'

type Current = Session<AppData>

/** What the account page lists. */
export async function devicesOf({ sessions }: Demo, current: Current): Promise<DeviceList> {
  const devices = await sessions.list(userOf(current))
  return { devices, own: current.id, now: new Date(), action: '/sessions/end' }
}

/** What the admin page shows. */
export async function adminOf(demo: Demo, current: Current, query: string): Promise<Admin> {
  const { sessions, accounts, audit } = demo
  const now = new Date()
  const all = await accounts.all()
  const found = all.filter(({ user }) => user.includes(query)).slice(0, MOST_FOUND)
  return {
    query,
    found: await Promise.all(
      found.map(async (account) => {
        const devices = await sessions.list(account.user)
        return { account, list: { devices, own: current.id, now, action: '/admin/end' } }
      }),
    ),
    tags: [...new Set(all.flatMap(({ tags }) => tags))],
    events: audit.events,
    now,
  }
}

const MOST_FOUND = 10

export function liveDevices(demo: Demo, current: Current): Live {
  return {
    signal: signalFor(current, current.userId !== undefined),
    changes: demo.audit.changes,
    render: async () => written(accountParts(await devicesOf(demo, current))),
  }
}

export function liveAdmin(demo: Demo, current: Current, query: string): Live {
  return {
    signal: signalFor(current, isAdmin(current)),
    changes: demo.audit.changes,
    render: async () => written(adminParts(await adminOf(demo, current, query))),
  }
}

/** For everybody; who is signed in is told, as on every page, when that is over. */
export function liveExperiment(experiment: Experiment, current: Current): Live {
  return {
    ...(current.userId === undefined ? {} : { signal: current.signal }),
    changes: experiment.changes,
    render: () => written(whyParts(experiment.state)),
  }
}

/** Who may not see anything, or not any more, is told that it is over. */
function signalFor(current: Current, isAllowed: boolean): AbortSignal {
  return isAllowed ? current.signal : AbortSignal.abort()
}

async function written(parts: Record<string, Html>): Promise<Parts> {
  const texts = Object.entries(parts).map(async ([id, html]) => [id, String(await html)] as const)
  return Object.fromEntries(await Promise.all(texts))
}
