import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './command.ts'

/** A CycloneDX bill of materials, as far as it is looked at here. */
export interface Bill {
  readonly bomFormat: 'CycloneDX'
  readonly specVersion: string
  readonly metadata: { readonly component: { readonly name: string; readonly version: string } }
  readonly components: readonly Component[]
}

interface Component {
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly licenses?: readonly object[]
  readonly externalReferences?: readonly { readonly type: string; readonly url: string }[]
}

const BOUND_MS = 5 * 60_000

/**
 * What an app gets with these tarballs, peers aside, at the versions of today. npm reads it off a
 * fresh project: off a workspace, it leaves out what is installed further up (npm 11.19).
 */
export async function billOfMaterials(version: string, tarballs: readonly string[]): Promise<Bill> {
  const scratch = await mkdtemp(join(tmpdir(), 'adjourn-sbom-'))
  // The folder gives the component its name.
  const project = join(scratch, 'adjourn')
  try {
    await mkdir(project)
    const manifest = { name: 'adjourn', version, license: 'MIT', private: true }
    await writeFile(join(project, 'package.json'), JSON.stringify(manifest))
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--legacy-peer-deps']
    const options = { cwd: project, timeout: BOUND_MS, env: outside() }
    await run('npm', ['install', ...quiet, ...tarballs], options)
    const flags = ['--sbom-format=cyclonedx', '--omit=dev', '--legacy-peer-deps']
    return withoutPaths(JSON.parse(await run('npm', ['sbom', ...flags], options)) as Bill)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Where the tarballs lay on this machine is nobody's business. */
function withoutPaths(bill: Bill): Bill {
  const components = bill.components.map(({ externalReferences = [], ...component }) => ({
    ...component,
    externalReferences: externalReferences.filter(({ url }) => !url.startsWith('file:')),
  }))
  return { ...bill, components }
}

/** The npm that started this says where it works and for which workspace; this one works elsewhere. */
function outside(): NodeJS.ProcessEnv {
  const { npm_config_local_prefix: _, npm_config_workspace: __, ...env } = process.env
  return env
}
