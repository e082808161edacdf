import { spawn } from 'node:child_process'
import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const LOCKFILE = join(import.meta.dirname, 'package-lock.json')
/** The lockfile that was installed last. */
const INSTALLED = join(import.meta.dirname, 'node_modules', '.installed-lock.json')

/** Installs the peers that the repository itself has no use for, unless they are there. */
export async function installPeers(log: (words: string) => void): Promise<void> {
  const wanted = await readFile(LOCKFILE, 'utf8')
  const installed = await readFile(INSTALLED, 'utf8').catch(() => undefined)
  if (installed === wanted) return
  log('peers: installing them into bench/peers (npm ci)')
  await npm('ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error')
  await copyFile(LOCKFILE, INSTALLED)
}

function npm(...args: readonly string[]): Promise<void> {
  // The npm that started this says where it works and for which workspace; this one works elsewhere.
  const { npm_config_local_prefix: _, npm_config_workspace: __, ...env } = process.env
  const child = spawn('npm', args, {
    cwd: import.meta.dirname,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`npm ci of bench/peers failed with ${code}`))
    })
  })
}
