import { parseOptions } from '@adjourn/bench/options'
import { describe, expect, it } from 'vitest'

const CASES = ['read', 'login', 'logout']

describe('the options of npm run bench', () => {
  it('are all off at first', () => {
    expect(parseOptions([], CASES)).toEqual({ quick: false, check: false, only: [] })
  })

  it('take the names of cases, in one list or several', () => {
    const args = ['--quick', '--only', 'read, login', '--only', 'logout']
    expect(parseOptions(args, CASES)).toEqual({ quick: true, check: false, only: CASES })
  })

  it('refuse what they do not know', () => {
    expect(() => parseOptions(['--only', 'reed'], CASES)).toThrow(/No such case: reed.*read, login/)
    expect(() => parseOptions(['--fast'], CASES)).toThrow(/--fast/)
  })

  it('refuse to check a part: what has a floor would go unmeasured', () => {
    expect(() => parseOptions(['--check', '--only', 'login'], CASES)).toThrow(/--check/)
  })
})
