import { interleave } from '@adjourn/bench/rounds'
import { expect, it } from 'vitest'

it('lets everybody take a turn each round, in an order that alternates', async () => {
  const turns: string[] = []
  await interleave(['a', 'b', 'c'], 3, async (name, round) => {
    turns.push(`${round}${name}`)
  })
  expect(turns.join(' ')).toBe('0a 0b 0c 1c 1b 1a 2a 2b 2c')
})
