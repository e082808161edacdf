import { toSvg } from '@adjourn/bench/chart'
import { describe, expect, it } from 'vitest'

const bar = (label: string, value: number) => ({ label, value, text: `${value}`, ours: false })

const widths = (svg: string): number[] =>
  [...svg.matchAll(/<rect [^>]*width="([^"]+)"/g)].map(([, width]) => Number(width))

describe('the chart', () => {
  it('draws the bars of a group to one scale', () => {
    const groups = [
      { title: 'one', bars: [bar('a', 100), bar('b', 50)] },
      { title: 'other', bars: [bar('c', 7)] },
    ]
    const [a = 0, b = 0, c = 0] = widths(toSvg({ title: 'chart', groups }))
    expect(a).toBeGreaterThan(0)
    expect(b).toBeCloseTo(a / 2)
    expect(c).toBe(a)
  })

  it('escapes what it is given', () => {
    const svg = toSvg({ title: 'a < b', groups: [{ title: 'x & y', bars: [bar('<i>', 1)] }] })
    expect(svg).toContain('a &lt; b')
    expect(svg).toContain('x &amp; y')
    expect(svg).not.toContain('<i>')
  })

  it('draws nothing of a value that is no number', () => {
    const bars = [bar('a', Number.NaN), bar('b', 0)]
    const svg = toSvg({ title: 'chart', groups: [{ title: 'none', bars }] })
    expect(widths(svg)).toEqual([0, 0])
  })

  it('has colours for light and dark', () => {
    expect(toSvg({ title: 'chart', groups: [] })).toContain('prefers-color-scheme: dark')
  })
})
