import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { licencesDocument } from '../../tools/licence-document.ts'
import { installedPackages, refused, type Installed } from '../../tools/licence-list.ts'
import { root } from '../../tools/run.ts'

const packages = await installedPackages()

const dependency = (licence: string | undefined, ...broughtBy: string[]): Installed => ({
  name: 'somebody-elses',
  version: '1.0.0',
  licence,
  broughtBy,
})

describe('licences', () => {
  it('of all dependencies are on a list', () => {
    expect(packages.length).toBeGreaterThan(400)
    expect(refused(packages)).toEqual([])
  })

  it('of what comes with the packages are those of the document', async () => {
    const document = await readFile(join(root, 'docs', 'licences.md'), 'utf8')
    expect(document, 'npm run licences writes it').toBe(licencesDocument(packages))
    expect(document).toMatch(/^\| iron-session \| .* \| MIT \| every package/m)
    expect(document).not.toMatch(/^\| vitest /m)
  })

  it.each([undefined, 'GPL-3.0-only', 'MPL-2.0', 'MIT AND GPL-3.0-only', 'MIT OR GPL-3.0-only'])(
    '%s is refused in what comes with a package',
    (licence) => {
      const one = dependency(licence, '@adjourn/core')
      expect(refused([one])).toEqual([one])
    },
  )

  it.each([undefined, 'GPL-3.0-only', 'SSPL-1.0'])('%s is refused for developers', (licence) => {
    expect(refused([dependency(licence)])).toHaveLength(1)
  })

  it('developers may have what is unusual, where there is a reason', () => {
    expect(refused([dependency('Apache-2.0 AND LGPL-3.0-or-later')])).toEqual([])
  })
})
