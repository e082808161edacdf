import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { root } from '../../tools/run.ts'

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, string>>
}

export interface Job {
  readonly uses?: string
  readonly permissions?: Readonly<Record<string, string>>
  readonly 'timeout-minutes'?: number
  readonly 'runs-on'?: string
  readonly environment?: string
  readonly steps?: readonly Step[]
}

export interface Workflow {
  readonly file: string
  readonly text: string
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions: object
  readonly concurrency: { readonly group: string }
  readonly jobs: Readonly<Record<string, Job>>
}

const folder = join(root, '.github', 'workflows')

export async function workflows(): Promise<Workflow[]> {
  const names = (await readdir(folder)).toSorted()
  return Promise.all(
    names.map(async (file) => {
      const text = await readFile(join(folder, file), 'utf8')
      return { ...(parse(text) as Omit<Workflow, 'file' | 'text'>), file, text }
    }),
  )
}

/** Contexts that whoever opens a pull request or writes a title decides about. */
const UNTRUSTED = /\$\{\{[^}]*\b(?:github\.event\.|github\.head_ref|inputs\.)/

/** What a workflow does that none here may do, a line each. */
export function violations({ text, on, permissions, concurrency, jobs }: Workflow): string[] {
  const found: string[] = []
  if ('pull_request_target' in on || 'workflow_run' in on) found.push('runs code of strangers')
  if (Object.keys(permissions).length > 0) found.push('gives permissions to every job')
  if (concurrency.group === '') found.push('has no concurrency group')
  if (/\bsecrets\./.test(text)) found.push('uses a stored secret')
  return [...found, ...Object.entries(jobs).flatMap(violationsOfJob)]
}

function violationsOfJob([name, job]: readonly [string, Job]): string[] {
  const found: string[] = []
  if (job.permissions === undefined) found.push('says nothing of its permissions')
  if (job.uses !== undefined && !job.uses.startsWith('./')) found.push(`calls ${job.uses}`)
  if (job.uses === undefined && job['timeout-minutes'] === undefined) found.push('has no timeout')
  const steps = (job.steps ?? []).flatMap(violationsOfStep)
  return [...found, ...steps].map((words) => `job ${name} ${words}`)
}

function violationsOfStep({ uses, run = '', with: given }: Step): string[] {
  const found: string[] = []
  if (uses !== undefined && !/^[\w-]+\/[\w/-]+@[0-9a-f]{40}$/.test(uses)) {
    found.push(`uses ${uses}, which is no commit`)
  }
  if (uses?.startsWith('actions/checkout@') === true && given?.['persist-credentials'] !== false) {
    found.push('keeps its token after the checkout')
  }
  if (UNTRUSTED.test(run)) found.push('puts what strangers write into a command')
  return found
}

/** Actions by name, each with the pins that it has in all workflows, and what is said beside them. */
export function pinsOf(all: readonly Workflow[]): ReadonlyMap<string, ReadonlySet<string>> {
  const pins = new Map<string, Set<string>>()
  for (const { text } of all) {
    for (const [, name = '', pin = ''] of text.matchAll(/uses: ([^@\s]+)@(.+)$/gm)) {
      pins.set(name, (pins.get(name) ?? new Set()).add(pin))
    }
  }
  return pins
}
