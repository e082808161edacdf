import type { Clock } from '@adjourn/core'
import {
  errors,
  jwtVerify,
  type CompactJWSHeaderParameters,
  type JWTVerifyOptions,
  type JWTVerifyResult,
} from 'jose'
import type { OptionRule } from './check-options.ts'
import type { KeySource } from './remote-keys.ts'

/** Every algorithm here is asymmetric: who can verify cannot sign. */
const ASYMMETRIC = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 Ed25519 EdDSA'.split(' ')

export const ALGORITHMS: OptionRule = [
  (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((each: unknown) => ASYMMETRIC.includes(String(each))),
  `one or more of ${ASYMMETRIC.join(', ')}`,
]

export const DEFAULT_ALGORITHMS: readonly string[] = ASYMMETRIC

/** How far the clocks of a provider and of this machine may be apart, in seconds. */
const CLOCK_SKEW = 60

/** What is wrong with a token or its request. Its message is for the sender, and quotes nothing. */
export class Refusal extends Error {
  readonly about: 'request' | 'key' | 'issuer' | 'audience'

  constructor(message: string, about: 'request' | 'key' | 'issuer' | 'audience' = 'request') {
    super(message)
    this.about = about
  }
}

export interface Expected {
  readonly keys: KeySource
  readonly algorithms: readonly string[]
  readonly issuer: string
  readonly audience: string
  /** Of the header; undefined: whatever the caller checks itself. */
  readonly typ: string | undefined
  readonly required: readonly string[]
  /** Seconds since `iat`. */
  readonly maxAge: number
  readonly clock: Clock
}

/**
 * Verifies a signed token: signature, algorithm, key, type, and all claims about issuer, audience and
 * time. The key is never taken from the token itself.
 *
 * @throws Refusal about the token; anything else if its keys cannot be had.
 */
export async function verifyToken(token: string, expected: Expected): Promise<JWTVerifyResult> {
  const { keys, typ } = expected
  const options: JWTVerifyOptions = {
    algorithms: [...expected.algorithms],
    issuer: expected.issuer,
    audience: expected.audience,
    requiredClaims: ['iss', 'aud', 'iat', ...expected.required],
    maxTokenAge: expected.maxAge,
    clockTolerance: CLOCK_SKEW,
    currentDate: new Date(expected.clock.now()),
    ...(typ !== undefined && { typ }),
  }
  let outage: { readonly error: unknown } | undefined
  let isNamed = true
  const find = async (header: CompactJWSHeaderParameters): Promise<Key> => {
    isNamed = header.kid !== undefined
    try {
      const key = await keys(header)
      if (key !== undefined) return key as Key
    } catch (error) {
      if (isVerdict(error)) throw error
      outage = { error }
    }
    throw new errors.JWKSNoMatchingKey()
  }
  const verify = (): Promise<JWTVerifyResult> => withAnyOf(token, find, options)
  /** Without a name, a key that has been replaced looks like a bad signature. */
  async function verifyAgain(error: unknown): Promise<JWTVerifyResult> {
    const isUnknown = !isNamed && error instanceof errors.JWSSignatureVerificationFailed
    if (!isUnknown || keys.refresh === undefined) throw error
    try {
      await keys.refresh()
    } catch (failed) {
      outage = { error: failed }
      throw failed
    }
    return verify()
  }
  try {
    return await verify().catch(verifyAgain)
  } catch (error) {
    if (outage !== undefined) throw outage.error
    throw refusalOf(error)
  }
}

type Key = Parameters<typeof jwtVerify>[1] & CryptoKey

/** Without a `kid`, several keys may fit. */
async function withAnyOf(
  token: string,
  find: (header: CompactJWSHeaderParameters) => Promise<Key>,
  options: JWTVerifyOptions,
): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, find, options)
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    for await (const key of error) {
      try {
        return await jwtVerify(token, key, options)
      } catch (failed) {
        if (!(failed instanceof errors.JWSSignatureVerificationFailed)) throw failed
      }
    }
    throw new errors.JWSSignatureVerificationFailed()
  }
}

/** Whether the keys are known, and the token's is none of them. */
function isVerdict(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  )
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired) {
    const { claim } = error
    const about = claim === 'iss' ? 'issuer' : claim === 'aud' ? 'audience' : 'request'
    const what = error.reason === 'missing' ? 'is missing' : 'is not what it must be'
    return new Refusal(`The token's ${claim} ${what}`, about)
  }
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) {
    return new Refusal('The token is no signed JWT')
  }
  return new Refusal('The token is not signed with a key and an algorithm of its issuer', 'key')
}
