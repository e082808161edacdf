import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from './documents.ts'

const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8')

it('docs/diagnosis.md has every finding, and no other', async () => {
  const table = /const MESSAGES\b[^{]*\{(.*?)^\}/ms.exec(
    await read('packages/core/src/findings.ts'),
  )
  const codes = [...(table?.[1] ?? '').matchAll(/^ {2}'?([a-z-]+)'?:/gm)].map(([, code]) => code)
  const rows = [...(await read('docs/diagnosis.md')).matchAll(/^\| `([a-z-]+)` \|/gm)]
  expect(codes.length).toBeGreaterThan(15)
  const documented = rows.map(([, code]) => code)
  expect(new Set(documented)).toEqual(new Set(codes))
  expect(documented).toHaveLength(codes.length)
})
