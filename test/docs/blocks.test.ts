import { readdir, readFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compile, settingOf, type Setting } from './compile.ts'
import { blocksOf, documents, examplesOf, root, sources } from './documents.ts'

const inDocuments = await Promise.all((await documents()).map(blocksOf))
const inDocstrings = await Promise.all((await sources()).map(examplesOf))
const blocks = [...inDocuments, ...inDocstrings].flat()

const inLanguage = (language: string): typeof blocks =>
  blocks.filter(({ words }) => words[0] === language)

/** A language that is not in here is not checked, and not allowed. */
const CHECKED = new Set(['ts', 'sh', 'json', 'text', 'mermaid'])

it('every block of code is in a language that is checked', () => {
  const others = blocks.filter(({ words }) => !CHECKED.has(words[0] ?? ''))
  expect(others.map(({ document, line }) => `${document}:${line}`)).toEqual([])
})

it('every package has an example in a docstring', async () => {
  const examples = inDocstrings.flat().map(({ document }) => document.split('/')[1])
  expect(examples).toEqual(expect.arrayContaining(await readdir(join(root, 'packages'))))
})

describe.concurrent('the type checker accepts', () => {
  const settings: readonly Setting[] = ['express', 'hono', 'express-session']
  for (const setting of settings) {
    it(`the blocks for ${setting}`, { timeout: 180_000 }, async () => {
      const chosen = inLanguage('ts').filter((block) => settingOf(block) === setting)
      expect(await compile(setting, chosen)).toEqual([])
    })
  }

  it('no block that is wrong', { timeout: 180_000 }, async () => {
    const code = "const ended: string = await sessions.destroy('id')\n"
    const wrong = { document: 'a.md', line: 7, words: ['ts'], code }
    expect(await compile('express', [wrong])).toEqual([
      expect.stringMatching(/^a\.md:7: error TS2322/),
    ])
  })
})

describe('every command exists', async () => {
  const scripts = await scriptsOf('package.json')

  for (const { document, line, code } of inLanguage('sh')) {
    it(`${document}:${line}`, async () => {
      const commands = code.split('\n').flatMap((each) => each.replace(/#.*/, '').split('&&'))
      for (const command of commands) await expectToExist(command.trim())
    })
  }

  async function expectToExist(command: string): Promise<void> {
    const [, name = ''] = /^npm (?:run )?([\w:-]+)/.exec(command) ?? []
    const named = /-w (\S+)/.exec(command)?.[1]
    const workspace = named?.replace('@adjourn/example-', 'examples/')
    if (command.startsWith('npm run') || name === 'start') {
      const known = workspace === undefined ? scripts : await scriptsOf(`${workspace}/package.json`)
      expect(known, command).toContain(name)
    } else if (command.startsWith('node ')) {
      expect(existsSync(join(root, command.split(' ')[1] ?? '')), command).toBe(true)
    }
  }
})

for (const { document, line, code } of inLanguage('json')) {
  it(`${document}:${line} is JSON`, () => {
    expect(() => JSON.parse(code) as unknown).not.toThrow()
  })
}

async function scriptsOf(path: string): Promise<string[]> {
  const { scripts } = JSON.parse(await readFile(join(root, path), 'utf8')) as {
    scripts: Record<string, string>
  }
  return Object.keys(scripts)
}
