/** Every regular expression of the packages: none can be made to backtrack for long. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseSync, Visitor } from 'oxc-parser'
import { check } from 'recheck'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..', 'packages')

interface Expression {
  readonly where: string
  readonly source: string
  readonly flags: string
}

/** By the parser: what looks like one in a comment or a text is none. */
async function expressionsIn(file: string): Promise<Expression[]> {
  const found: Expression[] = []
  const { program } = parseSync(file, await readFile(file, 'utf8'))
  const add = (source: string, flags: string): unknown =>
    found.push({ where: file.slice(ROOT.length + 1), source, flags })
  new Visitor({
    Literal(node) {
      if ('regex' in node) add(node.regex.pattern, node.regex.flags)
    },
    NewExpression({ callee, arguments: [first] }) {
      if (callee.type !== 'Identifier' || callee.name !== 'RegExp') return
      // Made of constants: what stands for them matters little.
      if (first?.type === 'Literal') add(String(first.value), '')
      if (first?.type === 'TemplateLiteral') {
        add(first.quasis.map(({ value }) => value.raw).join('x'), '')
      }
    },
  }).visit(program)
  return found
}

const files = (await readdir(ROOT, { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((file) => /^[\w-]+\/src\//.test(file.slice(ROOT.length + 1)))
const all = (await Promise.all(files.map(expressionsIn))).flat()
const distinct = [...new Map(all.map((each) => [`/${each.source}/${each.flags}`, each])).values()]

describe('the regular expressions of the packages', () => {
  it('are found', () => {
    expect(files.length).toBeGreaterThan(60)
    expect(distinct.length).toBeGreaterThan(20)
  })

  it.each(distinct)('$where: /$source/$flags is safe', { timeout: 60_000 }, async (each) => {
    const found = await check(each.source, each.flags, { timeout: 50_000 })
    expect(found.status, JSON.stringify(found)).toBe('safe')
  })

  it('one that is not is found', async () => {
    expect((await check('^(a+)+$', '')).status).toBe('vulnerable')
    expect((await check('=+$', '')).status).toBe('vulnerable')
  })
})
