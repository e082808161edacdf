import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SingleFlight } from '../src/single-flight.ts'

const LONGEST = 10_000
const never = (): Promise<void> => new Promise(() => {})

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('work of one kind', () => {
  it('is done once for all who ask meanwhile, and again for who asks later', async () => {
    const flights = new SingleFlight(LONGEST)
    const work = vi.fn(async () => {})
    expect(await Promise.all([flights.run('a', work), flights.run('a', work)])).toEqual([
      true,
      false,
    ])
    expect(await flights.run('a', work)).toBe(true)
    expect(work).toHaveBeenCalledTimes(2)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('that fails does so for all who wait, and can be tried again', async () => {
    const flights = new SingleFlight(LONGEST)
    const failing = (): Promise<void> => Promise.reject(new Error('on purpose'))
    const both = [flights.run('a', failing), flights.run('a', failing)]
    for (const each of both) await expect(each).rejects.toThrow('on purpose')
    expect(await flights.run('a', async () => {})).toBe(true)
  })

  it('of a request that is gone keeps nobody longer than that', async () => {
    const flights = new SingleFlight(LONGEST)
    void flights.run('a', never)
    const waiting = expect(flights.run('a', never)).rejects.toThrow('takes too long')
    await vi.advanceTimersByTimeAsync(LONGEST)
    await waiting
    expect(await flights.run('a', async () => {})).toBe(true)
  })

  it('does not wait for work of another kind', async () => {
    const flights = new SingleFlight(LONGEST)
    void flights.run('a', never)
    expect(await flights.run('b', async () => {})).toBe(true)
  })
})
