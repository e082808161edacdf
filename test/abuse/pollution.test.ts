import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'

const SCRIPT = fileURLToPath(new URL('polluted.ts', import.meta.url))
const NOBODY = [false, null, []]
const ATTRIBUTES = 'Max-Age=86400; Path=/; HttpOnly; Secure; SameSite=Lax'

describe('what another bug has put on Object.prototype', () => {
  let seen: Record<string, unknown>
  beforeAll(async () => {
    const options = ['--conditions=@adjourn/source', SCRIPT]
    const { stdout } = await promisify(execFile)(process.execPath, options, { timeout: 30_000 })
    seen = JSON.parse(stdout) as typeof seen
  })

  it.each<[string, unknown]>([
    ['visitor', NOBODY],
    ['anonymous', [[true, null, []], `__Host-session; ${ATTRIBUTES}`, [null, null]]],
    ['anonymous again', [true, null, []]],
    ['ann', [[true, 'ann', []], 3_600_000]],
    ['rotated', [true, 'ann', []]],
    ['found', [null, null, null]],
    ['fence', 2],
    ['revoked', [1, NOBODY]],
    [
      'ended',
      [
        '__Host-session=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax',
        [null, null],
      ],
    ],
    ['federation', [1, NOBODY]],
  ])('changes nothing: %s', (step, expected) => {
    expect(seen[step]).toEqual(expected)
  })
})
