import { describe, expect, it } from 'vitest'
import {
  acceptedLabels,
  acceptedSurface,
  builtSurfaces,
  changes,
  format,
  HOW_TO_ACCEPT,
  parse,
} from './surface.ts'

const built = await builtSurfaces()

describe('what can be imported', () => {
  it('is accepted for each entry point, and for no other', async () => {
    expect(await acceptedLabels(), HOW_TO_ACCEPT).toEqual([...built.keys()].toSorted())
  })

  it.each([...built])('%s is what was accepted', async (label, surface) => {
    const accepted = await acceptedSurface(label)
    const found = changes(accepted, surface)
    const what = `${label}: ${found.join(', ')}. ${HOW_TO_ACCEPT}`
    // The texts, so that a failure shows the lines that differ.
    expect(format(surface), what).toBe(format(accepted))
    expect(found).toEqual([])
  })
})

describe('changes of what can be imported', () => {
  const before = new Map([
    ['End', 'type End = 1;'],
    ['save', 'function save(): void;\nfunction save(all: true): void;'],
  ])

  it('are named', () => {
    const after = new Map([
      ['Start', 'type Start = 1;'],
      ['save', 'function save(): number;'],
    ])
    expect(changes(before, after)).toEqual(['removed: End', 'added: Start', 'changed: save'])
    expect(changes(before, before)).toEqual([])
  })

  it('do not come from writing them down', () => {
    expect(parse(format(before))).toEqual(before)
  })
})
