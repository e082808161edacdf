/**
 * `npm run licences`: refuses a dependency whose licence is on no list, and says in docs/licences.md
 * what comes with the packages. With `--check` it writes nothing.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { installedPackages, refused } from './licence-list.ts'
import { licencesDocument } from './licence-document.ts'
import { root } from './run.ts'

const path = join(root, 'docs', 'licences.md')
const packages = await installedPackages()
const strange = refused(packages)
for (const { name, version, licence = 'none that it names' } of strange) {
  console.error(`licences: ${name} ${version} has ${licence}, which is on no list`)
}
if (strange.length > 0) process.exitCode = 1
else if (process.argv.includes('--check')) {
  const isCurrent = (await readFile(path, 'utf8')) === licencesDocument(packages)
  if (!isCurrent) console.error('licences: docs/licences.md is out of date: npm run licences')
  process.exitCode = isCurrent ? 0 : 1
} else {
  await writeFile(path, licencesDocument(packages))
  console.log(`licences: ${packages.length} packages, all of them allowed; see docs/licences.md`)
}
