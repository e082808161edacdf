import { spawn } from 'node:child_process'
import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from './command.ts'

export interface InstallOptions {
  /** Has a package.json and a lockfile of its own. */
  readonly folder: string
  /** Whether packages may run the install scripts that its package.json allows. */
  readonly scripts: boolean
  readonly log: Log
}

/** Installs a folder that is no workspace, unless what its lockfile says is there. */
export async function installFolder({ folder, scripts, log }: InstallOptions): Promise<void> {
  const lockfile = join(folder, 'package-lock.json')
  /** The lockfile that was installed last. */
  const record = join(folder, 'node_modules', '.installed-lock.json')
  const wanted = await readFile(lockfile, 'utf8')
  const installed = await readFile(record, 'utf8').catch(() => undefined)
  if (installed === wanted) return
  log(`installing ${folder} (npm ci)`)
  const timer = setInterval(() => log('npm ci is under way'), 15_000)
  try {
    await npmCi(folder, scripts ? [] : ['--ignore-scripts'])
  } finally {
    clearInterval(timer)
  }
  await copyFile(lockfile, record)
}

function npmCi(folder: string, args: readonly string[]): Promise<void> {
  // The npm that started this says where it works and for which workspace; this one works elsewhere.
  const { npm_config_local_prefix: _, npm_config_workspace: __, ...env } = process.env
  const all = ['ci', '--no-audit', '--no-fund', '--loglevel=error', ...args]
  const child = spawn('npm', all, {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`npm ci of ${folder} failed with ${code}`))
    })
  })
}
