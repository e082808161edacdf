import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mongodbPlace, sqlitePlace, type Place } from './stores.ts'
import type { Version } from './version.ts'
import { writeSessions, type Cookies } from './written.ts'

const folder = join(import.meta.dirname, '..', 'fixtures')

/** What a version has written to a store, and the cookies that go with it. */
export interface Fixture {
  readonly cookies: Cookies
  readonly dump: string
}

/** The stores that outlive a process, each with the file that its records are kept in. */
export const STORES = [
  {
    store: 'MongoDB',
    file: 'mongodb.json',
    place: (uri: string, name: string): Place => mongodbPlace(uri, name),
  },
  {
    store: 'SQLite',
    file: 'sqlite.sql',
    place: (_uri: string, name: string): Place => sqlitePlace(name),
  },
] as const

/** The versions that have left fixtures. */
export async function writtenVersions(): Promise<string[]> {
  return (await readdir(folder)).toSorted()
}

export async function readFixture(version: string, file: string): Promise<Fixture> {
  const [cookies = '', dump = ''] = await Promise.all(
    [`${file}.cookies.json`, file].map((name) => readFile(join(folder, version, name), 'utf8')),
  )
  return { cookies: JSON.parse(cookies) as Cookies, dump }
}

/** Has a version write the fixtures of its name. What was once written stays as it is. */
export async function writeFixtures(name: string, version: Version, uri: string): Promise<void> {
  await mkdir(join(folder, name))
  for (const { file, place } of STORES) {
    const at = place(uri, `adjourn-fixtures-${process.pid}`)
    const cookies = await writeSessions(version, at)
    await writeFile(join(folder, name, file), await at.dump())
    const text = `${JSON.stringify(cookies, undefined, 2)}\n`
    await writeFile(join(folder, name, `${file}.cookies.json`), text)
    await at.close()
  }
}
