import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../../../tools/command.ts'
import { npm } from '../install.ts'

/** Installs the version that was published last, if there is one, and resolves to its number. */
export async function installPrevious(folder: string): Promise<string | undefined> {
  const version = await publishedVersion()
  if (version === undefined) return undefined
  const names = ['core', 'mongodb', 'sqlite'].map((name) => `@adjourn/${name}@${version}`)
  await writeFile(join(folder, 'package.json'), '{ "private": true }')
  await npm(folder, ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...names])
  return version
}

/** Undefined if the registry says that there is none; any other failure is one. */
async function publishedVersion(): Promise<string | undefined> {
  try {
    return (await npm(import.meta.dirname, ['view', '@adjourn/core', 'version'])).trim()
  } catch (error) {
    if (/\bE404\b/.test(messageOf(error))) return undefined
    throw error
  }
}
