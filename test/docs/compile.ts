import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root, type Block } from './documents.ts'

/** What a block is read beside: the names that are plain from its surroundings. */
export type Setting = 'express' | 'hono' | 'express-session'

const SETTINGS: readonly Setting[] = ['express', 'hono', 'express-session']

/** Named after the language, as in "ts hono"; otherwise told by what the block imports. */
export function settingOf({ words, code }: Block): Setting {
  const named = SETTINGS.find((setting) => setting === words[1])
  if (named !== undefined) return named
  if (/from '(?:express-session|connect-mongo)'/.test(code)) return 'express-session'
  return /from '(?:hono|@adjourn\/hono|@adjourn\/tokens\/hono)/.test(code) ? 'hono' : 'express'
}

/** Type-checks blocks, each a module of its own. Resolves to what the compiler has against them. */
export async function compile(setting: Setting, blocks: readonly Block[]): Promise<string[]> {
  const parent = join(import.meta.dirname, '.blocks')
  await mkdir(parent, { recursive: true })
  const folder = await mkdtemp(join(parent, `${setting}-`))
  const files = blocks.map((block, index) => ({ block, name: `block-${index}.ts` }))
  for (const { block, name } of files) await writeFile(join(folder, name), moduleOf(block))
  const config = {
    extends: '../../tsconfig.blocks.json',
    files: [
      '../../ambient/common.d.ts',
      '../../ambient/frameworks.d.ts',
      `../../ambient/${setting}.d.ts`,
      ...files.map(({ name }) => name),
    ],
  }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const output = await tsc(folder)
  await rm(folder, { recursive: true })
  return output.map((line) => located(line, new Map(files.map(({ name, block }) => [name, block]))))
}

const IMPORT = /^import\b(?:[^'\n]|\n(?!\n))*'[^'\n]+'.*$/gm

/** The imports of a block, and what comes after them. */
export function partsOf({ code }: Pick<Block, 'code'>): { imports: string; body: string } {
  let end = 0
  for (const { 0: text, index } of code.matchAll(IMPORT)) end = index + text.length
  return { imports: code.slice(0, end), body: code.slice(end) }
}

/** Lines stay where they are; what is no import may `return`, as it stands for a handler's body. */
function moduleOf(block: Block): string {
  if (/^(?:export|declare) /m.test(block.code)) return block.code
  const { imports, body } = partsOf(block)
  return `${imports};export async function block() {${body}\n}\n`
}

function tsc(folder: string): Promise<string[]> {
  const binary = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  return new Promise((resolve) => {
    execFile(process.execPath, [binary, '-p', folder, '--pretty', 'false'], (error, stdout) => {
      const lines = stdout.split('\n').filter((line) => line !== '')
      resolve(error !== null && lines.length === 0 ? [error.message] : lines)
    })
  })
}

/** Where the reader finds it, instead of where the compiler did. */
function located(line: string, blocks: ReadonlyMap<string, Block>): string {
  const match = /(block-\d+\.ts)\((\d+),\d+\)(.*)/.exec(line)
  const block = blocks.get(match?.[1] ?? '')
  if (match === null || block === undefined) return line
  return `${block.document}:${block.line + Number(match[2]) - 1}${match[3]}`
}
