import { show, table } from '@adjourn/bench/table'
import { describe, expect, it } from 'vitest'

describe('a table', () => {
  it('lines its columns up', () => {
    expect(table(['unit', 'n'], [['a', '12,345']]).split('\n')).toEqual([
      '| unit |      n |',
      '| ---- | -----: |',
      '| a    | 12,345 |',
    ])
  })
})

describe('a figure', () => {
  it('is shown with three digits or more', () => {
    expect(show(12_345.6, 'requests/s')).toBe('12,346')
    expect(show(0.1234, 'ms')).toBe('0.123')
    expect(show(12.345, 'ms')).toBe('12.3')
    expect(show(1234.5, 'ms')).toBe('1,235')
    expect(show(9.234, 'MB')).toBe('9.23')
    expect(show(0, 'ms')).toBe('0.0000')
  })
})
