/**
 * Whether the tests in a real browser can run. A developer without a Chromium goes on without them and
 * is told so; CI does not.
 */
import { CHROMIUM_HELP } from './chromium.ts'
import { lastLine, type Outcome, run } from './run.ts'

export type BrowserSearch =
  | { readonly kind: 'found'; readonly path: string; readonly found: string }
  | { readonly kind: 'left-out' | 'failed'; readonly why: string }

let search: Promise<Outcome> | undefined

/** Looks for a Chromium, or fetches one; once in a run. */
export const findBrowser = async (onOutput: (text: string) => void): Promise<BrowserSearch> => {
  search ??= run('node tools/chromium.ts', onOutput)
  return judgeSearch(await search, process.env['CI'])
}

/** What the outcome of `tools/chromium.ts` means, where the environment's CI is this. */
export const judgeSearch = ({ ok, output }: Outcome, ci: string | undefined): BrowserSearch => {
  const last = lastLine(output)
  const path = /\((.+)\)$/.exec(last)?.[1]
  if (ok && path !== undefined) return { kind: 'found', path, found: last }
  const inCi = ci !== undefined && ci !== '' && ci !== 'false'
  return { kind: inCi ? 'failed' : 'left-out', why: last }
}

export const missingBrowser = ({ why }: { readonly why: string }): string =>
  `NOT RUN: browser tests, no Chromium: ${why}\n  To get one: ${CHROMIUM_HELP}.`

/** What vitest is to be told, on its command line and in its environment. */
export const browserSettings = (
  found: BrowserSearch,
): { readonly flags: string; readonly env: Record<string, string> } =>
  found.kind === 'found'
    ? { flags: '', env: { ADJOURN_CHROMIUM: found.path } }
    : { flags: ' --exclude=test/browser/**', env: {} }
