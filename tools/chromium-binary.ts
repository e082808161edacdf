import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './command.ts'

/** A Chromium that runs on this machine. */
export interface Chromium {
  readonly path: string
  readonly version: string
}

/** How tests start it: as any user, without a screen, silent on the network. */
export const CHROMIUM_FLAGS: readonly string[] = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const LAUNCH_TIMEOUT_MS = 60_000

/** Rejects if it is no Chromium, or lacks what it needs to say its version. */
export async function readChromium(path: string): Promise<Chromium> {
  const output = await run(path, ['--version'])
  const version = /^(?:Google Chrome|Chromium)\b.* (\d+(?:\.\d+){3})/m.exec(output)?.[1]
  if (version === undefined) throw new Error(`${path} is not a Chromium`)
  return { path, version }
}

/** The same for one that was also seen showing a page. */
export async function tryChromium(path: string): Promise<Chromium> {
  const chromium = await readChromium(path)
  const profile = await mkdtemp(join(tmpdir(), 'adjourn-chromium-'))
  try {
    const args = [...CHROMIUM_FLAGS, `--user-data-dir=${profile}`, '--dump-dom', 'data:,it-runs']
    const page = await run(path, args, { timeout: LAUNCH_TIMEOUT_MS })
    if (!page.includes('it-runs')) throw new Error(`${path} shows no page`)
  } finally {
    // Its helper processes may still be writing as they end.
    await rm(profile, { recursive: true, force: true, maxRetries: 10 })
  }
  return chromium
}
