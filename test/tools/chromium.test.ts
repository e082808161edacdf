import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { browserSettings, judgeSearch, missingBrowser } from '../../tools/browser-tests.ts'
import type { Chromium } from '../../tools/chromium-binary.ts'
import { resolveChromium } from '../../tools/chromium.ts'

const VERSION = 'echo Chromium 1.2.3.4'
const WORKS = `case "$1" in --version) ${VERSION} ;; *) echo '<p>it-runs</p>' ;; esac`
const CANNOT_LAUNCH = `case "$1" in --version) ${VERSION} ;; *) echo 'no screen' >&2; exit 1 ;; esac`

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'adjourn-tools-'))
  vi.stubEnv('ADJOURN_CHROMIUM', '')
  // This machine's own are not to be found. The fakes need only the shell, by its path.
  vi.stubEnv('PATH', [join(folder, 'a'), join(folder, 'b')].join(delimiter))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

async function program(name: string, script: string): Promise<string> {
  const path = join(folder, name)
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, `#!/bin/sh\n${script}\n`)
  await chmod(path, 0o755)
  return path
}

async function resolve(sources: { cached?: string; fetched?: string } = {}): Promise<{
  path: string
  from: string
  lines: string[]
}> {
  const lines: string[] = []
  const named = (path: string): Chromium => ({ path, version: '9.9.9.9' })
  const { cached, fetched } = sources
  const found = await resolveChromium((line) => lines.push(line), {
    findCached: async () => (cached === undefined ? undefined : named(cached)),
    fetch: async () => {
      if (fetched === undefined) throw new Error('no network')
      return named(fetched)
    },
  })
  return { path: found.path, from: found.from, lines }
}

describe('which Chromium is taken', () => {
  it('is the given one, before any on the PATH', async () => {
    const given = await program('given', WORKS)
    await program('a/chromium', WORKS)
    vi.stubEnv('ADJOURN_CHROMIUM', given)
    expect(await resolve()).toMatchObject({ path: given, from: 'ADJOURN_CHROMIUM' })
  })

  it('is no other where the given one cannot be used', async () => {
    await program('a/chromium', WORKS)
    vi.stubEnv('ADJOURN_CHROMIUM', join(folder, 'nothing'))
    await expect(resolve()).rejects.toThrow('ADJOURN_CHROMIUM cannot be used')
  })

  it('is one on the PATH by any of its names, before the cache', async () => {
    const path = await program('b/google-chrome', WORKS)
    expect(await resolve({ cached: '/cached' })).toMatchObject({ path, from: 'the PATH' })
  })

  it('is not one that says its version and shows no page', async () => {
    const broken = await program('a/chromium', CANNOT_LAUNCH)
    const path = await program('b/chromium', WORKS)
    const found = await resolve()
    expect(found.path).toBe(path)
    expect(found.lines).toEqual([
      `chromium: passing over ${broken}: no screen`,
      `chromium: using Chromium 1.2.3.4 from the PATH (${path})`,
    ])
  })

  it('is the cached one, before any is fetched; then the one that is fetched', async () => {
    const both = await resolve({ cached: '/cached', fetched: '/fetched' })
    expect(both).toMatchObject({ path: '/cached', from: 'the cache' })
    const one = await resolve({ fetched: '/fetched' })
    expect(one).toMatchObject({ path: '/fetched', from: "Debian's packages" })
  })

  it('is none where none can be had, with the reason', async () => {
    await expect(resolve()).rejects.toThrow('no network')
  })
})

describe('a run of all tests', () => {
  const found = {
    ok: true,
    output: 'chromium: using Chromium 1.2.3.4 from the PATH (/a b/chromium)\n',
  }
  const missing = { ok: false, output: 'chromium: asking apt-get\nspawn apt-get ENOENT\n' }

  it('hands the Chromium to the browser tests, in CI and elsewhere', () => {
    for (const ci of [undefined, 'true']) {
      const search = judgeSearch(found, ci)
      expect(search.kind).toBe('found')
      expect(browserSettings(search)).toEqual({
        flags: '',
        env: { ADJOURN_CHROMIUM: '/a b/chromium' },
      })
    }
  })

  it('leaves them out without one on a developer’s machine, and says so', () => {
    for (const ci of [undefined, '', 'false']) {
      const search = judgeSearch(missing, ci)
      expect(search).toEqual({ kind: 'left-out', why: 'spawn apt-get ENOENT' })
      expect(browserSettings(search).flags).toContain('test/browser')
      expect(missingBrowser({ why: 'spawn apt-get ENOENT' })).toMatch(
        /^NOT RUN: browser tests, no Chromium: spawn apt-get ENOENT\n {2}To get one: install chromium/,
      )
    }
  })

  it('fails without one in CI', () => {
    expect(judgeSearch(missing, 'true')).toEqual({ kind: 'failed', why: 'spawn apt-get ENOENT' })
    expect(judgeSearch(missing, '1').kind).toBe('failed')
  })
})
