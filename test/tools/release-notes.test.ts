import { describe, expect, it } from 'vitest'
import { latestNotes } from '../../tools/release-notes.ts'

const changelog = `# @adjourn/core

## 0.2.0

### Minor Changes

- 1234567: More.

## 0.1.0

### Minor Changes

- 89abcde: First release.
`

describe('the notes of a release', () => {
  it('are those of its version', () => {
    expect(latestNotes(changelog, '0.2.0')).toBe('### Minor Changes\n\n- 1234567: More.')
    expect(latestNotes(changelog, '0.1.0')).toBe('### Minor Changes\n\n- 89abcde: First release.')
  })

  it('say so where there are none', () => {
    expect(latestNotes(changelog, '0.3.0')).toBe('No notes for 0.3.0.\n')
    expect(latestNotes('', '0.1.0')).toBe('No notes for 0.1.0.\n')
  })
})
