import { createReadStream, readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { NativeCase } from '@adjourn/core/testing'

export interface NodeExchange {
  readonly response: ServerResponse
  readonly act: () => Promise<void>
}
export type Told = Omit<NativeCase, 'name' | 'start'>
type Answers = Readonly<Record<string, NodeAnswer>>
type NodeAnswer = readonly [
  (exchange: NodeExchange) => unknown,
  Told,
  /** Nothing has set a header before. */
  { readonly bare?: boolean }?,
]

const FILE = fileURLToPath(import.meta.url)
const PAGE = readFileSync(FILE, 'utf8')

export const OK: Told = { status: 200, body: 'ok' }
export const OK_A: Told = { ...OK, headers: { 'set-cookie': ['a=1'] } }
const OK_A_B: Told = { ...OK, headers: { 'set-cookie': ['a=1', 'b=2'] } }

/** Headers set after the session's own, in every way that Node knows. */
const HEADERS: Answers = {
  'setHeader of one Set-Cookie': [
    ({ response }) => response.setHeader('Set-Cookie', 'a=1').end('ok'),
    OK_A,
  ],
  'setHeader of several Set-Cookie': [
    ({ response }) => response.setHeader('set-cookie', ['a=1', 'b=2']).end('ok'),
    OK_A_B,
  ],
  'removeHeader of Set-Cookie': [
    ({ response }) => {
      response.setHeader('Set-Cookie', 'a=1')
      response.removeHeader('Set-Cookie')
      response.end('ok')
    },
    OK,
  ],
  'setHeaders with Headers': [
    ({ response }) => response.setHeaders(new Headers([['Set-Cookie', 'a=1']])).end('ok'),
    OK_A,
  ],
  'writeHead with an object': [
    ({ response }) => response.writeHead(200, { 'Set-Cookie': 'a=1' }).end('ok'),
    OK_A,
  ],
  'writeHead with an object of lists': [
    ({ response }) => response.writeHead(200, { 'set-cookie': ['a=1', 'b=2'] }).end('ok'),
    OK_A_B,
  ],
  'writeHead with a flat list': [
    ({ response }) => response.writeHead(200, ['Set-Cookie', 'a=1', 'set-cookie', 'b=2']).end('ok'),
    OK_A_B,
  ],
  'writeHead with a list of pairs': [
    ({ response }) => {
      // Node takes it; its types do not know.
      const pairs = [
        ['Set-Cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ] as unknown as string[]
      response.writeHead(200, pairs).end('ok')
    },
    OK_A_B,
    { bare: true },
  ],
  'writeHead with a status message and an object': [
    ({ response }) => response.writeHead(200, 'Fine', { 'Set-Cookie': 'a=1' }).end('ok'),
    { ...OK_A, statusText: 'Fine' },
  ],
  'writeHead with a status message and a list': [
    ({ response }) => response.writeHead(200, 'Fine', ['Set-Cookie', 'a=1']).end('ok'),
    { ...OK_A, statusText: 'Fine' },
  ],
  'writeHead with a status message alone': [
    ({ response }) => response.writeHead(202, 'Taken').end('ok'),
    { ...OK, status: 202, statusText: 'Taken' },
  ],
  'writeHead that says how to cache': [
    ({ response }) => response.writeHead(200, { 'Cache-Control': 'private' }).end('ok'),
    { ...OK, headers: { 'cache-control': 'private' } },
  ],
  'writeHead over headers set before': [
    ({ response }) => {
      response.setHeader('Set-Cookie', ['x=0', 'y=0'])
      response.setHeader('X-Kept', 'kept')
      response.writeHead(200, { 'Set-Cookie': ['a=1'] }).end('ok')
    },
    { ...OK, headers: { 'set-cookie': ['a=1'], 'x-kept': 'kept' } },
  ],
}

/** Bodies made in every way. */
const BODIES: Answers = {
  'a file that is piped': [
    ({ response }) => createReadStream(FILE).pipe(response),
    { status: 200, body: PAGE },
  ],
  'a stream that is piped': [({ response }) => Readable.from(['o', 'k']).pipe(response), OK],
  'several writes': [
    ({ response }) => {
      response.write('o')
      response.write('k')
      response.end()
    },
    OK,
  ],
  'flushHeaders() before the body': [
    ({ response }) => {
      response.flushHeaders()
      response.end('ok')
    },
    OK,
  ],
  'writeEarlyHints() before the headers': [
    ({ response }) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' })
      response.end('ok')
    },
    OK,
  ],
}

/** Answers that have begun when the session is ended. */
const LATE: Answers = {
  'flushHeaders() before the end': [
    async ({ response, act }) => {
      response.flushHeaders()
      await act()
      response.end('ok')
    },
    { ...OK, late: true },
  ],
  'a write before the end': [
    async ({ response, act }) => {
      response.write('o')
      await act()
      response.end('k')
    },
    { ...OK, late: true },
  ],
  'writeHead and a write before the end': [
    async ({ response, act }) => {
      response.writeHead(200, { 'Set-Cookie': 'a=1' }).write('o')
      await act()
      response.end('k')
    },
    { ...OK_A, late: true },
  ],
}

/** The ways of answering that Node's own response has. */
export const nodeAnswers: Answers = { ...HEADERS, ...BODIES, ...LATE }
