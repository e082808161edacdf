import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { privateApt, unpack } from './apt.ts'
import { cacheFolder, fillCache, openCached, type Cached } from './cache.ts'
import { tryChromium, type Chromium } from './chromium-binary.ts'
import { isExecutable, messageOf, type Log } from './command.ts'
import { watchFolder } from './watch-folder.ts'

/** A page without fonts has no text. */
const PACKAGES = ['chromium', 'chromium-common', 'fonts-dejavu-core']

/** The system's own is in use already, and belongs to its loader. */
const NEVER_UNPACKED = new Set(['libc6', 'libc-bin'])

/** Undefined unless it runs. */
export async function findCachedChromium(): Promise<Chromium | undefined> {
  return openCached(cached(() => {}))
}

/** Puts Debian's Chromium together in the cache. */
export async function assembleChromium(log: Log): Promise<Chromium> {
  if (process.platform !== 'linux') throw new Error("Debian's Chromium is for Linux")
  return fillCache(cached(log))
}

function cached(log: Log): Cached<Chromium> {
  return {
    folder: cacheFolder(`chromium-debian-${process.arch}`),
    open: (folder) => tryChromium(join(folder, 'chromium')),
    async build(scratch, ready) {
      await unpack(await fetchPackages(scratch, log), ready)
      await writeFonts(ready)
      await writeStarter(ready)
      await tryChromium(join(ready, 'chromium'))
    },
  }
}

async function fetchPackages(scratch: string, log: Log): Promise<string[]> {
  log('asking apt-get which packages of Chromium this system lacks')
  const apt = await privateApt(scratch)
  // One source that cannot be reached is no harm, if the others have the packages.
  const failure = await apt.update().catch(messageOf)
  const { names, bytes } = await apt.lacking(PACKAGES).catch((error: unknown) => {
    throw new Error(failure ?? messageOf(error), { cause: error })
  })
  const wanted = names.filter((name) => !NEVER_UNPACKED.has(name))
  log(
    `fetching ${wanted.length} packages of Debian (${Math.round(bytes / 1e6)} MB), into the cache only`,
  )
  const folder = join(scratch, 'debs')
  await mkdir(folder)
  const stalled = new AbortController()
  const watch = watchFolder(folder, log, () => stalled.abort())
  try {
    return await apt.download(wanted, folder, stalled.signal)
  } catch (error) {
    throw stalled.signal.aborted ? new Error('the connection is silent', { cause: error }) : error
  } finally {
    clearInterval(watch)
  }
}

/** The system may have no configuration of fonts, or no fonts. */
async function writeFonts(folder: string): Promise<void> {
  const config = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`
  await writeFile(join(folder, 'fonts.conf'), config)
}

/** Says where the libraries and the fonts are, so that the path is all one has to know. */
async function writeStarter(folder: string): Promise<void> {
  const program = 'usr/lib/chromium/chromium'
  if (!(await isExecutable(join(folder, program)))) {
    throw new Error('the chromium package of this system holds no Chromium')
  }
  const libraries = (await libraryFolders(folder)).map((path) => `$here/${path}:`).join('')
  const script = `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
LD_LIBRARY_PATH="${libraries}$LD_LIBRARY_PATH"
# An empty entry would mean the current directory.
export LD_LIBRARY_PATH="\${LD_LIBRARY_PATH%:}"
export FONTCONFIG_FILE="$here/fonts.conf"
exec "$here/${program}" "$@"
`
  await writeFile(join(folder, 'chromium'), script, { mode: 0o755 })
}

async function libraryFolders(folder: string): Promise<string[]> {
  const found: string[] = []
  for (const parent of ['usr/lib', 'lib']) {
    const names = await readdir(join(folder, parent)).catch(() => [])
    const triplets = names.filter((name) => name.endsWith('-linux-gnu'))
    // Debian has libpulsecommon in a folder of its own.
    found.push(...triplets.flatMap((name) => [`${parent}/${name}`, `${parent}/${name}/pulseaudio`]))
  }
  return found
}
