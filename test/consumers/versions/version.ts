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
export function installedVersion(project: string): Version {
  const load = createRequire(join(project, 'package.json'))
  return {
    core: load('@adjourn/core') as typeof core,
    mongodb: load('@adjourn/mongodb') as typeof mongodb,
    sqlite: load('@adjourn/sqlite') as typeof sqlite,
  }
}
