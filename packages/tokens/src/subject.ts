import { isText } from './check-options.ts'

/** A user at an issuer. */
export interface IssuerSubject {
  /** The format of RFC 9493, 3.2.3. */
  readonly format: 'iss_sub'
  /** The issuer. */
  readonly iss: string
  /** The user there. */
  readonly sub: string
}

/** An id that both sides have agreed on. */
export interface OpaqueSubject {
  /** The format of RFC 9493, 3.2.4. */
  readonly format: 'opaque'
  /** As it was agreed on. */
  readonly id: string
}

/** A user by an email address. */
export interface EmailSubject {
  /** The format of RFC 9493, 3.2.2. */
  readonly format: 'email'
  /** As the transmitter spells it, not canonicalized (3.2.2.1). */
  readonly email: string
}

/** All of its members together, such as a session of a user; a member that is missing matches any. */
export interface ComplexSubject {
  /** The format of OpenID Shared Signals. */
  readonly format: 'complex'
  /** Whose. */
  readonly user?: Subject
  /** Which session. */
  readonly session?: Subject
  /** On which device. */
  readonly device?: Subject
  /** In which app. */
  readonly application?: Subject
  /** Of which tenant. */
  readonly tenant?: Subject
  /** In which unit of an organization. */
  readonly org_unit?: Subject
  /** In which group. */
  readonly group?: Subject
}

/** The formats that need more than this package knows; their members were not looked at. */
export interface OtherSubject {
  /** A format of RFC 9493 or of OpenID Shared Signals. */
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
