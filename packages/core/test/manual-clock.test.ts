import { expect, it } from 'vitest'
import { manualClock } from '../src/testing/index.ts'

it('stands still until it is moved', () => {
  const start = new Date('2060-05-06T07:08:09.010Z')
  const clock = manualClock(start)
  expect(clock.now()).toBe(start.getTime())
  clock.advance(90)
  expect(clock.now()).toBe(start.getTime() + 90_000)
  clock.advance(-0.5)
  expect(clock.now()).toBe(start.getTime() + 89_500)
  clock.set(new Date(5))
  expect(clock.now()).toBe(5)
  expect(start.toISOString(), 'the date given is not its own').toBe('2060-05-06T07:08:09.010Z')
})

it('starts in the future, where no database has expired its records', () => {
  expect(manualClock().now()).toBeGreaterThan(Date.now())
})

it('refuses what is not a time', () => {
  const clock = manualClock()
  const { now } = clock
  const before = now()
  expect(() => clock.advance(NaN)).toThrow(RangeError)
  expect(() => clock.advance(Infinity)).toThrow(RangeError)
  expect(() => clock.set(new Date(NaN))).toThrow(RangeError)
  expect(() => manualClock(new Date('never'))).toThrow(RangeError)
  expect(now()).toBe(before)
})
