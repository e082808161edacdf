import { isText } from './check-options.ts'

/** A user at an issuer. */
export interface IssuerSubject {
  readonly format: 'iss_sub'
  readonly iss: string
  readonly sub: string
}

/** An id that both sides have agreed on. */
export interface OpaqueSubject {
  readonly format: 'opaque'
  readonly id: string
}

export interface EmailSubject {
  readonly format: 'email'
  readonly email: string
}

/** All of its members together, such as a session of a user; a member that is missing matches any. */
export interface ComplexSubject {
  readonly format: 'complex'
  readonly user?: Subject
  readonly session?: Subject
  readonly device?: Subject
  readonly application?: Subject
  readonly tenant?: Subject
  readonly org_unit?: Subject
  readonly group?: Subject
}

/** The formats that need more than this package knows; their members were not looked at. */
export interface OtherSubject {
  readonly format:
    | 'account'
    | 'aliases'
    | 'did'
    | 'ip-addresses'
    | 'jwt_id'
    | 'phone_number'
    | 'saml_assertion_id'
    | 'uri'
  readonly [member: string]: unknown
}

/**
 * Whom or what an event is about.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9493
 */
export type Subject = IssuerSubject | OpaqueSubject | EmailSubject | ComplexSubject | OtherSubject

/** What a subject of a format must have. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  iss_sub: ['iss', 'sub'],
  opaque: ['id'],
  email: ['email'],
}

const PARTS = new Set(['user', 'session', 'device', 'application', 'tenant', 'org_unit', 'group'])

/** Whether a value is a subject, as far as its format is known here. */
export function isSubject(value: unknown): value is Subject {
  if (!isSimple(value)) return false
  if (value['format'] !== 'complex') return true
  const members = membersOf(value)
  // Without any it would match everything.
  return (
    members.length > 0 &&
    members.every(([, each]) => isSimple(each) && each['format'] !== 'complex')
  )
}

/** The members of a complex subject. What is neither known nor a subject is not one. */
export function membersOf(subject: object): [name: string, value: unknown][] {
  return Object.entries(subject).filter(([name, value]) => PARTS.has(name) || isSimple(value))
}

function isSimple(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const subject = value as Record<string, unknown>
  const { format } = subject
  if (!isText(format)) return false
  const needed = Object.hasOwn(MEMBERS, format) ? (MEMBERS[format] ?? []) : []
  return needed.every((member) => isText(subject[member]))
}
