/** What a changelog of Changesets says of a version. */
export function latestNotes(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1)
  const section = sections.find((each) => each.startsWith(`${version}\n`))
  return section === undefined ? `No notes for ${version}.\n` : section.slice(version.length).trim()
}
