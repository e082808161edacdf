import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')

async function documents(): Promise<string[]> {
  const here = (await readdir(root)).filter((name) => name.endsWith('.md'))
  const docs = (await readdir(join(root, 'docs'))).filter((name) => name.endsWith('.md'))
  const packages = (await readdir(join(root, 'packages'))).map((name) =>
    join('packages', name, 'README.md'),
  )
  const readmes = packages.filter((name) => existsSync(join(root, name)))
  return [...here, ...docs.map((name) => join('docs', name)), ...readmes]
}

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
