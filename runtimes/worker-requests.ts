import type { ServerResponse } from 'node:http'
import { listen } from '../test/conformance/bindings/listen.ts'
import type { SuiteResults } from '../test/runtimes/results.ts'

/** What the worker's store asks before each call, so that a test says when it goes on. */
export interface Gate {
  readonly at: string
  /** How many calls of this operation have come. */
  count(operation: string): number
  hold(operation: string): void
  /** Lets those that are held, and all that come, go on. */
  release(operation: string): void
  close(): Promise<void>
}

export async function openGate(): Promise<Gate> {
  const counts = new Map<string, number>()
  const held = new Map<string, ServerResponse[]>()
  const server = await listen((request, response) => {
    const operation = request.url?.slice(1) ?? ''
    counts.set(operation, (counts.get(operation) ?? 0) + 1)
    const others = held.get(operation)
    if (others === undefined) response.end('go on')
    else others.push(response)
  })
  return {
    at: server.at,
    count: (operation) => counts.get(operation) ?? 0,
    hold: (operation) => void held.set(operation, []),
    release(operation) {
      const waiting = held.get(operation) ?? []
      held.delete(operation)
      for (const response of waiting) response.end('go on')
    },
    close: () => server.close(),
  }
}

type Asked = (path: string, options?: RequestInit) => Promise<string>

/** A user's browser, and their session's id. */
interface Visitor {
  readonly id: string
  readonly ask: Asked
}

type Case = (at: string, gate: Gate) => Promise<string>

const CASES: Readonly<Record<string, readonly [run: Case, expected: string]>> = {
  'a touch goes on when its request has been answered': [
    async (at, gate) => {
      const { ask, id } = await signIn(at)
      await ask('/advance', { method: 'POST', body: '300' })
      gate.hold('touch')
      const answer = await ask('/who')
      await until(() => gate.count('touch') > 0)
      gate.release('touch')
      const isTouched = await until(async () => (await ask(`/idle/${id}`)) === '0')
      return `${answer}, ${isTouched ? 'touched' : 'lost'}`
    },
    'ada, touched',
  ],
  'requests at once each get their answer, however the store’s answers come': [
    async (at, gate) => {
      const visitors = await Promise.all(Array.from({ length: 5 }, () => signIn(at)))
      gate.hold('read')
      const before = gate.count('read')
      const answers = visitors.flatMap(({ ask }) => [ask('/who'), ask('/who')])
      const areWaiting = await until(() => gate.count('read') - before === 10)
      gate.release('read')
      return `${areWaiting ? 'all read' : 'some wait'}: ${(await Promise.all(answers)).join(' ')}`
    },
    `all read: ${Array.from({ length: 10 }, () => 'ada').join(' ')}`,
  ],
  'each request of a session has a signal': [
    async (at) => {
      const { ask } = await signIn(at)
      return `${await ask('/signal')}, ${await ask('/signal')}`
    },
    'aborted: false, aborted: false',
  ],
  'a request whose client has gone leaves nothing that others wait for': [
    async (at, gate) => {
      const { ask } = await signIn(at)
      gate.hold('read')
      const gone = new AbortController()
      const before = gate.count('read')
      const left = ask('/who', { signal: gone.signal }).catch(() => 'gone')
      await until(() => gate.count('read') > before)
      gone.abort()
      const first = await left
      gate.release('read')
      return [first, await ask('/who'), await ask('/logout', { method: 'POST' })].join(', ')
    },
    'gone, ada, goodbye',
  ],
  'one logout of two at once, and a login beside them, disturb nobody': [
    async (at) => {
      const [one, other] = await Promise.all([signIn(at), signIn(at)])
      const post = { method: 'POST' }
      const all = [one.ask('/logout', post), one.ask('/logout', post), other.ask('/who')]
      const [answers] = await Promise.all([Promise.all(all), signIn(at)])
      const after = await Promise.all([one.ask('/who'), other.ask('/who')])
      return `${answers.join(', ')}, ${after.join(', ')}`
    },
    'goodbye, goodbye, ada, nobody, ada',
  ],
}

/** Asks the worker whose store waits for the gate. */
export async function askRequests(at: string, gate: Gate): Promise<SuiteResults> {
  const results: Record<string, string> = {}
  for (const [name, [run, expected]] of Object.entries(CASES)) {
    const saw = await run(at, gate).catch(String)
    results[name] = saw === expected ? 'passed' : `failed: saw ${saw}, expected ${expected}`
  }
  return results
}

async function signIn(at: string): Promise<Visitor> {
  const signal = AbortSignal.timeout(10_000)
  const login = await fetch(new URL('/login', at), { method: 'POST', signal })
  const cookie = login.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const ask: Asked = async (path, options) => {
    const headers = { cookie, ...(options?.headers as Record<string, string> | undefined) }
    const late = AbortSignal.timeout(10_000)
    const response = await fetch(new URL(path, at), { signal: late, ...options, headers })
    return response.text()
  }
  return { ask, id: await login.text() }
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<boolean> {
  for (let tries = 0; tries < 100; tries++) {
    if (await isSo()) return true
    await new Promise((resolve) => {
      setTimeout(resolve, 25)
    })
  }
  return false
}
