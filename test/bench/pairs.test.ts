import { pairs } from '@adjourn/bench/pairs'
import { expect, it } from 'vitest'

it('answers Set-Cookie headers as a browser does', () => {
  expect(pairs([])).toBeUndefined()
  expect(pairs(['a=1; Path=/; HttpOnly', 'b=x=y'])).toBe('a=1; b=x=y')
  expect(pairs(['a=1; Path=/', 'b=2', 'a=3; Path=/'])).toBe('a=3; b=2')
})
