import { readFile } from 'node:fs/promises'
import { GOALS } from '@adjourn/bench/goals'
import { failures, judge, type Floors, type Goal } from '@adjourn/bench/judge'
import { describe, expect, it } from 'vitest'

const place = (subject: string) =>
  ({ case: 'read', at: '32 connections', framework: 'hono', subject }) as const

const FASTER: Goal = {
  name: 'faster',
  of: place('ours'),
  over: place('theirs'),
  bound: 'at least',
  goal: 3,
}
const SLOWER: Goal = { ...FASTER, name: 'not slower', bound: 'at most', goal: 1.1 }

const measured = (subject: string, ...values: number[]) =>
  ({ ...place(subject), unit: 'requests/s', values }) as const

const check = (goal: Goal, floor: number, ours: number): string[] => {
  const floors = { [goal.name]: floor }
  const figures = [measured('ours', ours, ours), measured('theirs', 10, 10)]
  return failures(judge([goal], figures, floors), floors)
}

describe('a check of floors', () => {
  it('passes at the floor and fails below it', () => {
    expect(check(FASTER, 2.5, 25)).toEqual([])
    expect(check(FASTER, 2.5, 24)).toEqual(['faster: 2.40 is below 2.5'])
  })

  it('passes below its goal: the floor is what counts', () => {
    expect(check(FASTER, 2.5, 26)).toEqual([])
  })

  it('fails above the limit where less is better', () => {
    expect(check(SLOWER, 1.2, 12)).toEqual([])
    expect(check(SLOWER, 1.2, 13)).toEqual(['not slower: 1.30 is above 1.2'])
  })

  it('fails where a figure is missing or no number', () => {
    expect(failures([], { faster: 1 })).toEqual(['faster: not measured'])
    const floors = { faster: 1 }
    expect(failures(judge([FASTER], [measured('ours', 1)], floors), floors)).toHaveLength(1)
    const none = judge([FASTER], [measured('ours'), measured('theirs')], floors)
    expect(failures(none, floors)).toEqual(['faster: NaN is below 1'])
  })

  it('fails where a floor names no goal', () => {
    expect(failures([], { misspelt: 1 })).toEqual(['misspelt: not measured'])
  })

  it('knows the floors that are committed, each at or under its goal', async () => {
    const path = new URL('../../bench/floors.json', import.meta.url)
    const floors = JSON.parse(await readFile(path, 'utf8')) as Floors
    const goals = new Map(GOALS.map(({ name, goal }) => [name, goal]))
    expect(Object.keys(floors).length).toBeGreaterThan(0)
    for (const [name, floor] of Object.entries(floors)) {
      expect(goals.get(name), name).toBeGreaterThanOrEqual(floor)
    }
  })
})
