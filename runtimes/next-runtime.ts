import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Log } from '../tools/command.ts'
import { installFolder } from '../tools/install-folder.ts'
import type { Report } from '../test/runtimes/results.ts'
import { buildApp, NEXT, serveApp } from './next-build.ts'
import { askNext } from './next-requests.ts'

/** Builds the app of examples/next with Next, starts it, and asks it over sockets. */
export async function runNext(log: Log): Promise<Report> {
  // Here, as the others do without.
  await installFolder({ folder: NEXT, scripts: false, log })
  const folder = await mkdtemp(join(tmpdir(), 'adjourn-next-'))
  try {
    await buildApp({
      // Building loads the modules. What it needs then is not what it serves with.
      SESSION_SECRETS: 'the secret of the build and of nothing else',
      SESSIONS_FILE: join(folder, 'build.db'),
    })
    return { runtime: `Next.js ${await version()}`, results: { next: await serveAndAsk(folder) } }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function serveAndAsk(folder: string): ReturnType<typeof askNext> {
  const file = join(folder, 'sessions.db')
  const secret = 'a secret of the tests of Next while it serves'
  const app = await serveApp({ SESSION_SECRETS: secret, SESSIONS_FILE: file })
  try {
    return await askNext(app.at, file)
  } finally {
    app.stop()
  }
}

async function version(): Promise<string> {
  const path = join(NEXT, 'node_modules', 'next', 'package.json')
  return (JSON.parse(await readFile(path, 'utf8')) as { version: string }).version
}
