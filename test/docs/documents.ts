import { existsSync } from 'node:fs'
import { glob, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..', '..')

/** A fenced block of code in a document, or in a docstring. */
export interface Block {
  readonly document: string
  /** Of its first line of code, counted from 1. */
  readonly line: number
  /** What stands after the fence: the language first. */
  readonly words: readonly string[]
  readonly code: string
}

/** Every document that people read, by its path from the root. */
export async function documents(): Promise<string[]> {
  const here = (await readdir(root)).filter((name) => name.endsWith('.md'))
  const docs = (await readdir(join(root, 'docs'))).filter((name) => name.endsWith('.md'))
  const readmes = await Promise.all(
    ['packages', 'examples'].map(async (folder) =>
      (await readdir(join(root, folder))).map((name) => join(folder, name, 'README.md')),
    ),
  )
  const found = readmes.flat().filter((path) => existsSync(join(root, path)))
  return [...here, ...docs.map((name) => join('docs', name)), ...found]
}

/** Every source file of what is published: the docstrings in them are documents too. */
export async function sources(): Promise<string[]> {
  const found: string[] = []
  for await (const path of glob('packages/*/src/**/*.ts', { cwd: root })) found.push(path)
  return found
}

export async function blocksOf(document: string): Promise<Block[]> {
  const text = await readFile(join(root, document), 'utf8')
  return [...text.matchAll(/^```([^\n`]*)\n(.*?)^```$/gms)].map((match) => blockOf(document, match))
}

/** The blocks in the docstrings of a source file, without the stars in front of their lines. */
export async function examplesOf(source: string): Promise<Block[]> {
  const text = await readFile(join(root, source), 'utf8')
  return [...text.matchAll(/^ *\* ```([^\n`]*)\n(.*?)^ *\* ```$/gms)].map((match) => {
    const block = blockOf(source, match)
    return { ...block, code: block.code.replaceAll(/^ *\* ?/gm, '') }
  })
}

function blockOf(document: string, match: RegExpExecArray): Block {
  return {
    document,
    line: match.input.slice(0, match.index).split('\n').length + 1,
    words: (match[1] ?? '').trim().split(/\s+/),
    code: match[2] ?? '',
  }
}
