import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { blocksOf } from './documents.ts'
import { writeBlock } from './running.ts'

/** Of each, the one block that is a test file of node:test, and how many tests it has at least. */
const FILES = { 'docs/recipes.md': 5, 'docs/stores.md': 77 }

it.each(Object.entries(FILES))(
  'the test file in %s passes as it stands',
  { timeout: 180_000 },
  async (document, count) => {
    const blocks = (await blocksOf(document)).filter(({ code }) => code.includes("'node:test'"))
    expect(blocks).toHaveLength(1)
    const { path, folder } = await writeBlock('app.test.ts', blocks[0]?.code ?? '')
    // A runner that is told of a parent reports to it alone.
    const { NODE_TEST_CONTEXT: _context, ...env } = process.env
    const options = ['--conditions=@adjourn/source', '--test', '--test-isolation=none']
    const args = [...options, '--test-reporter=tap', path]
    const { stdout } = await promisify(execFile)(process.execPath, args, { env })
    await rm(folder, { recursive: true })
    expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThanOrEqual(count)
  },
)
