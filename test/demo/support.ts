import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDemo, type DemoOptions, type RunningDemo } from '@adjourn/example-demo'
import { Browser } from './browser.ts'

export const ADA = { user: 'ada', password: 'lovelace' }
export const GRACE = { user: 'grace', password: 'hopper' }

/** The app to ask, and the one that shares its sessions. */
export const SIDES = [
  { name: 'Express', here: 'express', there: 'hono' },
  { name: 'Hono', here: 'hono', there: 'express' },
] as const

export interface TestDemo extends AsyncDisposable {
  readonly demo: RunningDemo
  readonly folder: string
  signedIn(origin: string, who: { user: string; password: string }): Promise<Browser>
}

/** A demo of its own, in a folder of its own that goes with it. */
export async function openDemo(options: Partial<DemoOptions> = {}): Promise<TestDemo> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'adjourn-demo-')))
  const demo = await startDemo({ ...options, folder })
  return {
    demo,
    folder,
    async signedIn(origin, { user, password }) {
      const browser = new Browser()
      const { location } = await browser.signIn(origin, user, password)
      if (location !== '/account') throw new Error(`${user} could not sign in`)
      return browser
    },
    async [Symbol.asyncDispose]() {
      await demo[Symbol.asyncDispose]()
      if (options.folder === undefined) await rm(folder, { recursive: true })
    },
  }
}
