import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it, vi } from 'vitest'
import { Browser } from './browser.ts'
import { ADA } from './support.ts'

const MAIN = fileURLToPath(new URL('main.ts', import.meta.resolve('@adjourn/example-demo')))

const running: ChildProcess[] = []
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

function run(...args: string[]): { child: ChildProcess; printed: () => string } {
  const { MONGODB_URI: _, ...env } = process.env
  const child = spawn(process.execPath, ['--conditions=@adjourn/source', MAIN, ...args], { env })
  running.push(child)
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text
    })
  }
  return { child, printed: () => printed }
}

it('says where the apps are and who may sign in, and stops on Ctrl-C', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'adjourn-demo-'))
  try {
    const { child, printed } = run('--port', '0', '--data', folder)
    await vi.waitFor(() => expect(printed()).toContain('Ctrl-C'), { timeout: 50_000 })
    const [, express = ''] = /Express +(http:\S+)/.exec(printed()) ?? []
    const [, hono = ''] = /Hono +(http:\S+)/.exec(printed()) ?? []
    expect(printed()).toContain('ada / lovelace')
    const browser = new Browser()
    await browser.signIn(express, ADA.user, ADA.password)
    expect(await browser.whoami(hono)).toMatchObject({ user: 'ada' })
    // An open page does not keep it from stopping.
    const events = await browser.listen(`${hono}/account/events`)
    child.kill('SIGINT')
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(events.status).toBe(200)
  } finally {
    await rm(folder, { recursive: true })
  }
}, 60_000)

it.each([['--port', 'many'], ['--port', '65535'], ['--port=-1']])(
  'refuses %s %s and says what there is',
  async (...args) => {
    const { child, printed } = run(...args)
    expect(await once(child, 'close')).toEqual([1, null])
    expect(printed()).toContain('npm run demo -- --port')
  },
  60_000,
)
