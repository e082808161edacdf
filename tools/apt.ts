import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './command.ts'

const UPDATE_TIMEOUT_MS = 3 * 60_000
const DOWNLOAD_TIMEOUT_MS = 15 * 60_000

/** An apt-get that changes nothing on the system, so that it needs no root. */
export interface Apt {
  /** Fetches the lists of packages. */
  update(): Promise<void>
  /** These packages, and which of those that they need the system lacks. */
  lacking(packages: readonly string[]): Promise<{ names: string[]; bytes: number }>
  /** Downloads packages into a folder, and resolves to their files. */
  download(packages: readonly string[], folder: string, signal?: AbortSignal): Promise<string[]>
}

/** Asked of apt-get, as its sources come in two formats and many files. */
export async function aptMirrors(): Promise<Set<string>> {
  const uris = await run('apt-get', ['update', '--print-uris'])
  const mirrors = uris.matchAll(/^'(\S+)\/dists\/\S+\/InRelease'/gm)
  return new Set(Array.from(mirrors, ([, mirror = '']) => mirror))
}

/**
 * Everything that it writes is in `scratch`; the system's keys still decide whom it trusts.
 *
 * @param source A line for sources.list, in place of the system's sources.
 */
export async function privateApt(scratch: string, source?: string): Promise<Apt> {
  const config = await writeConfig(scratch, source)
  const aptGet = (args: readonly string[], options: object): Promise<string> =>
    // Its messages are read, so they must not be translated.
    run('apt-get', ['-c', config, ...args], { env: { ...process.env, LC_ALL: 'C' }, ...options })
  return {
    async update() {
      await aptGet(['update'], { timeout: UPDATE_TIMEOUT_MS })
    },
    async lacking(packages) {
      const flags = ['--print-uris', '--yes', '--no-install-recommends', '--reinstall']
      const uris = await aptGet(['install', ...flags, ...packages], {})
      const files = Array.from(uris.matchAll(/^'\S+' ([^_\s]+)_\S+ (\d+)/gm))
      return {
        names: files.map(([, name = '']) => name),
        bytes: files.reduce((sum, [, , size]) => sum + Number(size), 0),
      }
    },
    async download(packages, folder, signal) {
      const options = { cwd: folder, timeout: DOWNLOAD_TIMEOUT_MS, ...(signal && { signal }) }
      await aptGet(['download', ...packages], options)
      const names = (await readdir(folder)).filter((name) => name.endsWith('.deb'))
      if (names.length === 0) throw new Error('the download left no .deb file')
      return names.map((name) => join(folder, name))
    },
  }
}

/** Unpacks the files of packages into a folder, as dpkg would into `/`. */
export async function unpack(debs: readonly string[], folder: string): Promise<void> {
  for (const deb of debs) await run('dpkg-deb', ['-x', deb, folder], { timeout: UPDATE_TIMEOUT_MS })
}

async function writeConfig(scratch: string, source: string | undefined): Promise<string> {
  const [lists, cache] = [join(scratch, 'lists'), join(scratch, 'cache')]
  await Promise.all(
    [lists, cache].map((folder) => mkdir(join(folder, 'partial'), { recursive: true })),
  )
  const settings = [
    // What the system has apt do around an update is for its own lists.
    '#clear APT::Update::Pre-Invoke;',
    '#clear APT::Update::Post-Invoke;',
    '#clear APT::Update::Post-Invoke-Success;',
    `Dir::State::lists "${lists}";`,
    `Dir::Cache "${cache}";`,
    'Acquire::Languages "none";',
    // Under root apt would download as a user who may not be allowed into the cache folder.
    'APT::Sandbox::User "root";',
  ]
  if (source !== undefined) {
    const sources = join(scratch, 'sources.list')
    await writeFile(sources, `${source}\n`)
    settings.push(`Dir::Etc::sourcelist "${sources}";`, 'Dir::Etc::sourceparts "-";')
  }
  const config = join(scratch, 'apt.conf')
  await writeFile(config, `${settings.join('\n')}\n`)
  return config
}
