/** A real Chromium for the tests of a file: launched once, with a fresh context for each test. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from 'playwright-core'
import { afterAll, afterEach, beforeAll, vi } from 'vitest'
import { CHROMIUM_FLAGS } from '../../tools/chromium-binary.ts'
import { resolveChromium } from '../../tools/chromium.ts'
import { certificateHash } from './tls.ts'

/** How long a page may take for anything, on a machine that is busy. */
const TIMEOUT_MS = 30_000

const TEST_TIMEOUT_MS = 90_000

/**
 * A browser takes its time. `npm test` has here what only a browser can show, on one framework unless
 * it is about signing in and out; `npm run test:long` has everything on both.
 */
export const IS_THOROUGH = process.env['ADJOURN_BROWSER'] === 'all'

const SCREENSHOTS = join(import.meta.dirname, 'screenshots')

export interface Chromium {
  /** A device of its own: cookies, storage and cache. Closed after the test. */
  context(options?: BrowserContextOptions): Promise<BrowserContext>
  /** A page of a device of its own. */
  page(options?: BrowserContextOptions): Promise<Page>
  /**
   * The page of one device of the file, without cookies. A device of its own takes a second to make:
   * this is for tests of nothing but cookies.
   */
  cleanPage(): Promise<Page>
}

/** Call it once in a file; what it returns is for its tests. */
export function useChromium(): Chromium {
  let browser: Browser | undefined
  let contexts: BrowserContext[] = []
  let shared: Page | undefined

  vi.setConfig({ testTimeout: TEST_TIMEOUT_MS })
  beforeAll(async () => {
    browser = await launch()
  })
  afterEach(async () => {
    await Promise.all(contexts.map((each) => each.close()))
    contexts = []
  })
  afterAll(() => browser?.close())

  async function context(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    if (browser === undefined) throw new Error('The browser is launched before the tests')
    const created = await browser.newContext(options)
    created.setDefaultTimeout(TIMEOUT_MS)
    contexts.push(created)
    return created
  }
  async function cleanPage(): Promise<Page> {
    if (shared === undefined) {
      shared = await (await context()).newPage()
      // Not closed after the test.
      contexts.pop()
    }
    await shared.goto('about:blank')
    await shared.context().clearCookies()
    return shared
  }

  return { context, cleanPage, page: async (options) => (await context(options)).newPage() }
}

async function launch(): Promise<Browser> {
  const { path } = await resolveChromium(() => {})
  return chromium.launch({
    executablePath: path,
    args: [
      ...CHROMIUM_FLAGS,
      // Every name under .test is this machine.
      '--host-resolver-rules=MAP *.test 127.0.0.1',
      // The tests' own certificate counts as a good one, as errors change how cookies and caches work.
      `--ignore-certificate-errors-spki-list=${certificateHash()}`,
    ],
    // What people have is to be tested: without it, going back never shows a kept page.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
    timeout: TIMEOUT_MS,
  })
}

/** A cookie as Chromium keeps it. */
export interface JarCookie {
  readonly name: string
  readonly value: string
  /** With a leading dot: shared with subdomains. */
  readonly domain: string
  readonly path: string
  /** -1: until the browser closes. */
  readonly expires: number
  readonly httpOnly: boolean
  readonly secure: boolean
  readonly sameSite: string | undefined
  /** The site that a partitioned cookie is kept for. */
  readonly partition: string | undefined
}

/** All cookies of the page's device, as Chromium itself tells: of any site, partitioned or not. */
export async function jar(page: Page): Promise<JarCookie[]> {
  const devtools = await page.context().newCDPSession(page)
  try {
    const { cookies } = await devtools.send('Network.getAllCookies')
    return cookies.map(({ partitionKey, sameSite, ...cookie }) => ({
      name: cookie.name,
      value: cookie.value,
      domain: cookie.domain,
      path: cookie.path,
      expires: cookie.expires,
      httpOnly: cookie.httpOnly,
      secure: cookie.secure,
      sameSite,
      partition: partitionKey?.topLevelSite,
    }))
  } finally {
    await devtools.detach()
  }
}

/** What the page shows. */
export function textOf(page: Pick<Page, 'locator'>): Promise<string> {
  return page.locator('body').innerText()
}

/** How a page is looked at. */
export interface Look {
  readonly width: number
  readonly colorScheme: 'light' | 'dark'
}

/** The page on a phone and on a desk, light and dark. */
export async function everyLook(page: Page, visit: (look: Look) => Promise<void>): Promise<void> {
  const before = page.viewportSize()
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: width === 360 ? 740 : 800 })
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await visit({ width, colorScheme })
    }
  }
  await page.emulateMedia({ colorScheme: null })
  if (before !== null) await page.setViewportSize(before)
}

/** Kept as NAME-360-light.png and so on. */
export async function shoot(page: Page, name: string, look: Look): Promise<string> {
  await mkdir(SCREENSHOTS, { recursive: true })
  const path = join(SCREENSHOTS, `${name}-${look.width}-${look.colorScheme}.png`)
  await page.screenshot({ path, fullPage: true })
  return path
}

/** The page in every look. */
export async function screenshot(page: Page, name: string): Promise<string[]> {
  const paths: string[] = []
  await everyLook(page, async (look) => {
    paths.push(await shoot(page, name, look))
  })
  return paths
}
