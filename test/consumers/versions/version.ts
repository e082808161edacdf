import { glob, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import * as core from '@adjourn/core'
import * as mongodb from '@adjourn/mongodb'
import * as sqlite from '@adjourn/sqlite'

/** One version of the packages that write to a store. */
export interface Version {
  readonly core: typeof core
  readonly mongodb: typeof mongodb
  readonly sqlite: typeof sqlite
}

/** What is in this repository. */
export const thisVersion: Version = { core, mongodb, sqlite }

/** What is installed in a project, as modules of its own beside those of this repository. */
export async function installedVersion(project: string): Promise<Version> {
  await leaveOutSources(project)
  const load = createRequire(join(project, 'package.json'))
  return {
    core: load('@adjourn/core') as typeof core,
    mongodb: load('@adjourn/mongodb') as typeof mongodb,
    sqlite: load('@adjourn/sqlite') as typeof sqlite,
  }
}

/** The tests resolve to TypeScript sources where they can, and Node runs none in node_modules. */
async function leaveOutSources(project: string): Promise<void> {
  for await (const path of glob('node_modules/@adjourn/*/package.json', { cwd: project })) {
    const text = await readFile(join(project, path), 'utf8')
    const without = text.replaceAll(/\s*"@adjourn\/source": "[^"]*",/g, '')
    await writeFile(join(project, path), without)
  }
}
