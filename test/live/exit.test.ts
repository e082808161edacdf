import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'

const SCRIPT = fileURLToPath(new URL('child.ts', import.meta.url))

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'adjourn-exit-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** What a process says that is left to exit by itself; rejects if it does not. */
async function said(...args: readonly string[]): Promise<string[]> {
  const options = ['--conditions=@adjourn/source', '--unhandled-rejections=strict', SCRIPT]
  const { stdout } = await promisify(execFile)(process.execPath, [...options, ...args], {
    timeout: 15_000,
  })
  return stdout.trim().split('\n')
}

describe.concurrent('a process that watches and caches sessions', () => {
  it.each(['memory', 'SQLite', 'MongoDB'])(
    'exits by itself once they are closed, and leaves no timer: %s',
    async (backend) => {
      const place = backend === 'MongoDB' ? inject('mongodbUri') : join(folder, 'closed.db')
      expect(await said(backend, place, 'close')).toEqual(['watching', 'aborted', '0 timers'])
    },
  )

  it.each(['memory', 'SQLite'])('is not kept alive by them: %s', async (backend) => {
    expect(await said(backend, join(folder, 'left.db'), 'leave')).toEqual(['watching'])
  })
})
