import { parseCookie } from 'cookie'
import { PREFIX } from './cookie-options.ts'
import type { Engine } from './engine.ts'
import { SessionError } from './errors.ts'
import { finding, type Finding, type FindingCode } from './findings.ts'
import { keptSession } from './kept-sessions.ts'
import { seemsPlainHttp } from './plain-http.ts'
import { RequestSession } from './request-session.ts'
import { inspect, type Inspection } from './state.ts'
import type { RequestHeader } from './transport.ts'

/** A request as a framework has it: the Web's `Request` (in Hono `c.req.raw`), Node's, Express's. */
export interface DiagnosableRequest {
  /** As they came, by their lower-case names. */
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>
}

/** What `sessions.diagnose` sees. Holds no cookie, no secret and no data. */
export interface Diagnosis {
  /** Whether the request's cookie is that of a live session. */
  readonly signedIn: boolean
  /** The session that the cookie names, if the cookie is authentic; live or not. */
  readonly sessionId: string | undefined
  /** The name of the cookie that is looked for, prefix included. */
  readonly cookieName: string
  /** What explains it, and what development has warned of since the process began. */
  readonly findings: readonly Finding[]
}

export async function diagnose(
  sessions: object,
  engine: Engine,
  request: DiagnosableRequest,
): Promise<Diagnosis> {
  const header = headersOf(request)
  const { name } = engine.options.cookie.attributes
  const inspection = await inspect(engine, header('cookie')).catch(onlyOutages)
  const codes = new Set<FindingCode>([
    ...aboutCookie(inspection),
    ...(inspection?.kind === 'none' ? whyNone(engine, header) : []),
    ...aboutRequest(engine, header, { sessions, request }),
    ...engine.warnings.given(),
  ])
  return {
    signedIn: inspection?.kind === 'opened' && inspection.verdict === 'live',
    sessionId: inspection?.kind === 'opened' ? inspection.id : undefined,
    cookieName: name,
    findings: [...codes].map(finding),
  }
}

type Header = (name: RequestHeader) => string | undefined

function headersOf(request: DiagnosableRequest): Header {
  const headers = (request as DiagnosableRequest | undefined)?.headers
  if (typeof headers !== 'object' || headers === null) {
    throw new SessionError('ERR_CONFIG', 'diagnose takes a request.')
  }
  if (isHeaders(headers)) return (name) => headers.get(name) ?? undefined
  return (name) => {
    const value = headers[name]
    if (Array.isArray(value)) return value.join(name === 'cookie' ? '; ' : ', ')
    return typeof value === 'string' ? value : undefined
  }
}

function onlyOutages(error: unknown): undefined {
  const isOutage = error instanceof SessionError && error.code === 'ERR_STORE_UNAVAILABLE'
  if (!isOutage) throw error
}

/** By its shape: the class may be another realm's, or a framework's. */
function isHeaders(headers: DiagnosableRequest['headers']): headers is Headers {
  return typeof headers.get === 'function'
}

/** Undefined: the store did not answer. */
function aboutCookie(inspection: Inspection | undefined): FindingCode[] {
  switch (inspection?.kind) {
    case undefined:
      return ['store-unavailable']
    case 'none':
      return ['no-cookie']
    case 'duplicate':
      return ['duplicate-cookie']
    case 'rejected':
      return [REJECTED[inspection.reason]]
    case 'opened':
      return inspection.verdict === 'live' ? [] : [inspection.verdict]
  }
}

const REJECTED = {
  malformed: 'malformed',
  forged: 'forged',
  'unknown-secret': 'unknown-secret',
  expired: 'seal-expired',
  'stale-secret': 'stale',
} as const

function whyNone({ options }: Engine, header: Header): FindingCode[] {
  const { name, sameSite } = options.cookie.attributes
  const bare = name.replace(PREFIX, '')
  const others = Object.keys(parseCookie(header('cookie') ?? ''))
  return [
    ...(others.some((other) => other.replace(PREFIX, '') === bare)
      ? ['other-prefix' as const]
      : []),
    ...(sameSite !== 'none' && header('sec-fetch-site') === 'cross-site'
      ? ['cross-site' as const]
      : []),
  ]
}

function aboutRequest(
  { options }: Engine,
  header: Header,
  { sessions, request }: { readonly sessions: object; readonly request: object },
): FindingCode[] {
  const { name, secure } = options.cookie.attributes
  const session = keptSession(request, sessions)
  const isUnsaved = session instanceof RequestSession && session.hasForgottenChanges()
  return [
    ...(secure && seemsPlainHttp(header, name) ? ['insecure-request' as const] : []),
    ...(session === undefined && options.inDevelopment ? ['no-middleware' as const] : []),
    ...(isUnsaved ? ['unsaved-data' as const] : []),
  ]
}
