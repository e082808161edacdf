import { DEVELOPMENT, type Installed } from './licence-list.ts'

/** docs/licences.md, whole. */
export function licencesDocument(packages: readonly Installed[]): string {
  const runtime = packages.filter(({ broughtBy }) => broughtBy.length > 0)
  const all = new Set(runtime.flatMap(({ broughtBy }) => broughtBy))
  return `# Licences

Adjourn is under the [MIT licence](../LICENSE). This page is written by \`npm run licences\`, from the lockfile; \`npm test\` fails if it is out of date, or if a dependency comes with a licence that is on no list.

## What comes with the packages

Peers (a framework, a driver) are the app's own choice and are not among them.

| package | version | licence | comes with |
| --- | --- | --- | --- |
${runtime
  .toSorted(byName)
  .map((each) => row(each, all.size))
  .join('\n')}

Allowed here: MIT, ISC, 0BSD, BSD with two or three clauses, Apache-2.0, BlueOak-1.0.0. Each asks for its notice to be kept, and for nothing else.

## What developers get besides

None of it is published. The licences there are, with a reason for those that are not allowed above:

| licence | |
| --- | --- |
${developersLicences(packages).join('\n')}

Fetched for the tests when they run, and in no lockfile: a MongoDB server (SSPL-1.0) and Chromium (BSD-3-Clause and others), each run as a program of its own and never passed on.
`
}

const byName = (a: Installed, b: Installed): number => (a.name < b.name ? -1 : 1)

function row({ name, version, licence = '', broughtBy }: Installed, all: number): string {
  const comesWith = broughtBy.length === all ? 'every package' : broughtBy.join(', ')
  return `| ${name} | ${version} | ${licence} | ${comesWith} |`
}

function developersLicences(packages: readonly Installed[]): string[] {
  const theirs = packages.filter(({ broughtBy }) => broughtBy.length === 0)
  const parts = theirs.flatMap(({ licence = '' }) => licence.split(' AND '))
  return [...new Set(parts)]
    .toSorted()
    .map((licence) => `| ${licence} | ${DEVELOPMENT.get(licence) ?? ''} |`)
}
