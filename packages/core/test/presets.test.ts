import { describe, expect, it } from 'vitest'
import { aal1, aal2, aal3 } from '../src/index.ts'
import { world } from './support/browser.ts'

const LEVELS = [
  // As in NIST SP 800-63B-4, 2.1.3, 2.2.3 and 2.3.3.
  ['aal1', aal1, { idleTimeout: 2_592_000, absoluteTimeout: 2_592_000 }],
  ['aal2', aal2, { idleTimeout: 3600, absoluteTimeout: 86_400 }],
  ['aal3', aal3, { idleTimeout: 900, absoluteTimeout: 43_200 }],
] as const

describe.each(LEVELS)('%s', (_name, preset, expected) => {
  it('equals the table of NIST SP 800-63B-4, and cannot be changed', () => {
    expect(preset).toEqual(expected)
    expect(() => Object.assign(preset, { idleTimeout: 1e9 })).toThrow(TypeError)
    expect(preset).toEqual(expected)
  })

  it('is kept by the sessions that it is spread into', async () => {
    const { idleTimeout, absoluteTimeout } = expected
    const { browser, advance } = world({ ...preset, touchAfter: 0 })
    const [idle, busy] = [browser(), browser()]
    await idle.login('ann')
    await busy.login('bob')
    const step = idleTimeout / 2
    for (let passed = step; passed < absoluteTimeout; passed += step) {
      advance(step)
      expect(await busy.whoami()).toBe('bob')
      if (passed === step) expect(await idle.whoami()).toBe('ann')
    }
    expect(await idle.whoami()).toBe(idleTimeout === absoluteTimeout ? 'ann' : undefined)
    advance(step)
    expect(await busy.whoami()).toBeUndefined()
  })
})
