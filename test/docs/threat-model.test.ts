import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './documents.ts'

const docs = join(root, 'docs')
const text = await readFile(join(docs, 'threat-model.md'), 'utf8')

/** All but the first section are about an attacker each. */
const [, , ...attackers] = text.split(/^## /m)

describe('docs/threat-model.md', () => {
  it('has its attackers', () => {
    expect(attackers.length).toBeGreaterThan(10)
  })

  it.each(attackers.map((section) => [section.split('\n')[0] ?? '', section]))(
    '%s: says what we do, what the app does, what is left, and names tests that exist',
    async (_title, section) => {
      for (const part of ['Adjourn', 'The app', 'Left', 'Tests']) {
        expect(section).toContain(`\n- **${part}**: `)
      }
      const [, line = ''] = section.split('- **Tests**: ')
      const tests = [...line.matchAll(/\]\(([^)]+)\): "([^"]+)"/g)]
      expect(tests).not.toEqual([])
      for (const [, file = '', name = ''] of tests) {
        const source = await readFile(join(docs, file), 'utf8')
        const quoted = [`'${name}'`, `"${name}"`, `\`${name}\``]
        expect(
          quoted.some((each) => source.includes(each)),
          `${file}: ${name}`,
        ).toBe(true)
      }
    },
  )
})
