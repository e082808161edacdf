import { resolve } from 'node:path'
import { readChromium, tryChromium, type Chromium } from './chromium-binary.ts'
import { assembleChromium, findCachedChromium } from './chromium-package.ts'
import { findOnPath, messageOf, type Log } from './command.ts'

export interface FoundChromium extends Chromium {
  readonly from: string
}

/** What looks for one beyond this process, and can be replaced in tests. */
export interface ChromiumSources {
  readonly findCached: () => Promise<Chromium | undefined>
  readonly fetch: (log: Log) => Promise<Chromium>
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

export const CHROMIUM_HELP =
  'install chromium so that it is on the PATH, or set ADJOURN_CHROMIUM to the path of a Chromium or Chrome'

/** Finds a Chromium to test with, or fetches one without changing the system. */
export async function resolveChromium(
  log: Log = console.log,
  { findCached = findCachedChromium, fetch = assembleChromium }: Partial<ChromiumSources> = {},
): Promise<FoundChromium> {
  const tell: Log = (line) => log(`chromium: ${line}`)
  const found =
    (await findGiven()) ??
    (await findInstalled(tell)) ??
    from('the cache', await findCached()) ??
    from("Debian's packages", await fetch(tell))
  tell(`using Chromium ${found.version} from ${found.from} (${found.path})`)
  return found
}

async function findGiven(): Promise<FoundChromium | undefined> {
  const given = process.env['ADJOURN_CHROMIUM']
  if (!given) return undefined
  try {
    return from('ADJOURN_CHROMIUM', await readChromium(resolve(given)))
  } catch (error) {
    // To take another than the one asked for would be a surprise.
    throw new Error(`ADJOURN_CHROMIUM cannot be used: ${messageOf(error)}`, { cause: error })
  }
}

async function findInstalled(log: Log): Promise<FoundChromium | undefined> {
  for (const path of await findOnPath(NAMES)) {
    try {
      return from('the PATH', await tryChromium(path))
    } catch (error) {
      log(`passing over ${path}: ${messageOf(error)}`)
    }
  }
  return undefined
}

function from(origin: string, chromium: Chromium): FoundChromium
function from(origin: string, chromium: Chromium | undefined): FoundChromium | undefined
function from(origin: string, chromium: Chromium | undefined): FoundChromium | undefined {
  return chromium && { ...chromium, from: origin }
}

if (import.meta.main) {
  try {
    await resolveChromium()
  } catch (error) {
    console.error(messageOf(error))
    process.exitCode = 1
  }
}
