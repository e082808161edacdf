import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { documents, root } from './documents.ts'

describe('every relative link leads somewhere in', async () => {
  for (const document of await documents()) {
    it(document, async () => {
      const text = await readFile(join(root, document), 'utf8')
      const targets = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(
        ([, target]) => target ?? '',
      )
      const missing = targets.filter((target) => !existsSync(join(root, dirname(document), target)))
      expect(missing).toEqual([])
    })
  }
})
