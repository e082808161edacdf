import { median, pairedRatio, percentile } from '@adjourn/bench/statistics'
import { describe, expect, it } from 'vitest'

describe('median', () => {
  it('is the middle value, or the mean of the two in the middle', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([10, 2, 4, 8])).toBe(6)
    expect(median([])).toBeNaN()
  })

  it('compares numbers, not their digits', () => {
    expect(median([100, 9, 20])).toBe(20)
  })
})

describe('percentile', () => {
  it('is the smallest value that so many do not exceed', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index)
    expect(percentile(values, 0.5)).toBe(50)
    expect(percentile(values, 0.99)).toBe(99)
    expect(percentile(values, 1)).toBe(100)
    expect(percentile([7], 0.01)).toBe(7)
    expect(percentile([], 0.5)).toBeNaN()
  })
})

describe('pairedRatio', () => {
  it('compares within a round: one slow round does not count', () => {
    expect(pairedRatio([30, 3, 33], [10, 10, 11])).toBe(3)
    // The ratio of the medians would be 2.5.
    expect(pairedRatio([100, 20, 50], [50, 10, 25])).toBe(2)
  })

  it('is no number where nothing was measured', () => {
    expect(pairedRatio([], [1])).toBeNaN()
  })
})
