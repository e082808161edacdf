import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const docs = join(import.meta.dirname, '..', '..', 'docs')

/** All requirements of OWASP ASVS 5.0.0 that the document is about, by section. */
const SECTIONS: Readonly<Record<string, number>> = {
  '3.3': 5,
  '7.1': 3,
  '7.2': 4,
  '7.3': 2,
  '7.4': 5,
  '7.5': 3,
  '7.6': 2,
}
const REQUIREMENTS = Object.entries(SECTIONS).flatMap(([section, count]) =>
  Array.from({ length: count }, (_, index) => `${section}.${index + 1}`),
)

/** What no library can do for an app, so that no test of ours can show it. */
const ONLY_THE_APP = new Set(['7.4.4'])

interface Row {
  readonly id: string
  readonly cells: readonly string[]
  readonly tests: readonly { readonly file: string; readonly name: string }[]
}

function rowsOf(text: string): Row[] {
  return text
    .split('\n')
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
    .filter(([, id]) => id !== undefined && /^\d+\.\d+\.\d+/.test(id))
    .map(([, first = '', ...cells]) => ({
      id: first.split(' ')[0] ?? '',
      cells: cells.slice(0, -1),
      tests: [...(cells[2] ?? '').matchAll(/\]\(([^)]+)\): "([^"]+)"/g)].map(
        ([, file = '', name = '']) => ({ file, name }),
      ),
    }))
}

const rows = rowsOf(await readFile(join(docs, 'asvs.md'), 'utf8'))

describe('docs/asvs.md', () => {
  it('has every requirement of V3.3 and V7, each once and in order', () => {
    expect(rows.map(({ id }) => id)).toEqual(REQUIREMENTS)
  })

  for (const { id, cells, tests } of rows) {
    it(`${id} says what Adjourn does, what the app does, and names tests that exist`, async () => {
      expect(cells).toHaveLength(3)
      for (const cell of cells) expect(cell).not.toBe('')
      if (!ONLY_THE_APP.has(id)) expect(tests).not.toEqual([])
      for (const { file, name } of tests) {
        const path = join(docs, file)
        expect(existsSync(path), file).toBe(true)
        const quoted = [`'${name}'`, `"${name}"`, `\`${name}\``]
        const source = await readFile(path, 'utf8')
        expect(
          quoted.some((each) => source.includes(each)),
          `${file}: ${name}`,
        ).toBe(true)
      }
    })
  }
})
