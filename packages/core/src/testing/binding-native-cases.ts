import assert from 'node:assert/strict'
import type { Session, SessionError } from '../index.ts'
import {
  assertCleared,
  assertIssued,
  cookiesNamed,
  COOKIE,
  errorOf,
  headerValues,
  otherCookies,
  type Answer,
} from './binding-answers.ts'
import { gate, newUser, signIn, type Cases, type Serve, type TestApp } from './binding-harness.ts'
import type { NativeCase } from './binding-port.ts'

type Act = (session: Session) => Promise<void>

/** The clauses that each of a framework's own ways of answering is held to. */
export function nativeCases(native: NativeCase): Cases {
  if (native.late === true) return { 'N4 A late end is final and is told': lateEnd(native) }
  return {
    'N1 Where the session is only read, nothing is added': onlyRead(native),
    'N2 A login sends its one cookie': loggedIn(native),
    'N3 A logout sends its one cookie': loggedOut(native),
  }
}

function onlyRead(native: NativeCase): Cases[string] {
  return async (serve) => {
    const users: unknown[] = []
    await withNative(serve, native, {
      async act(session) {
        users.push(session.userId)
      },
      async run(app) {
        const { cookie, userId } = await signIn(app.sessions)
        const answer = await app.get('/', { cookie })
        assert.deepEqual(users, [userId])
        assertAsTold(native, answer)
        assert.deepEqual(cookiesNamed(answer, COOKIE), [])
        assert.deepEqual(headerValues(answer, 'cache-control'), told(native, 'cache-control'))
      },
    })
  }
}

function loggedIn(native: NativeCase): Cases[string] {
  const userId = newUser()
  return (serve) =>
    withNative(serve, native, {
      act: (session) => session.create({ userId }),
      async run(app) {
        const answer = await app.get('/')
        assertAsTold(native, answer)
        assertIssued(answer)
        assertNotStored(native, answer)
        assert.equal((await app.sessions.list(userId)).length, 1)
      },
    })
}

function loggedOut(native: NativeCase): Cases[string] {
  return (serve) =>
    withNative(serve, native, {
      act: (session) => session.end(),
      async run(app) {
        const { cookie, id } = await signIn(app.sessions)
        const answer = await app.get('/', { cookie })
        assertAsTold(native, answer)
        assertCleared(answer)
        assertNotStored(native, answer)
        assert.equal(await app.record(id), undefined)
      },
    })
}

function lateEnd(native: NativeCase): Cases[string] {
  return async (serve) => {
    const headersHere = gate()
    const errors: (SessionError | undefined)[] = []
    await withNative(serve, native, {
      async act(session) {
        await headersHere.opened
        errors.push(await errorOf(session.end()))
      },
      async run(app) {
        const { cookie, id } = await signIn(app.sessions)
        const { text, ...head } = await app.open('/', { cookie })
        headersHere.open()
        const answer = { ...head, body: await text() }
        assertAsTold(native, answer)
        assert.deepEqual(cookiesNamed(answer, COOKIE), [])
        assert.equal(errors[0]?.code, 'ERR_HEADERS_SENT')
        assert.equal(errors[0].record, 'deleted')
        assert.equal(await app.record(id), undefined)
      },
    })
  }
}

function withNative(
  serve: Serve,
  native: NativeCase,
  { act, run }: { act: Act; run: (app: TestApp) => Promise<void> },
): Promise<void> {
  return serve({}, run, { start: ({ sessions }) => native.start(sessions, act) })
}

function told({ headers = {} }: NativeCase, name: string): string[] {
  return [headers[name] ?? []].flat()
}

function assertAsTold(native: NativeCase, answer: Answer): void {
  assert.equal(answer.status, native.status)
  if (native.statusText !== undefined) assert.equal(answer.statusText, native.statusText)
  if (native.body !== undefined) assert.equal(answer.body, native.body)
  assert.deepEqual(otherCookies(answer), told(native, 'set-cookie'))
  for (const name of Object.keys(native.headers ?? {})) {
    if (name === 'set-cookie' || name === 'cache-control') continue
    assert.deepEqual(headerValues(answer, name), told(native, name))
  }
}

function assertNotStored(native: NativeCase, answer: Answer): void {
  const wanted = native.headers?.['cache-control'] ?? 'no-store'
  assert.deepEqual(headerValues(answer, 'cache-control'), [wanted].flat())
}
