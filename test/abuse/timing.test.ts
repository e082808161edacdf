/**
 * What an attacker could time. That a secret is compared in constant time is shown by how the code is
 * made: on a machine that others use too, a measured difference says nothing.
 */
import { truncateIp } from '@adjourn/core'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseSync, Visitor, type Node } from 'oxc-parser'
import { describe, expect, it } from 'vitest'
import { createWorld, NAME } from './world.ts'

const SRC = join(import.meta.dirname, '..', '..', 'packages', 'core', 'src')

async function parsed(file: string) {
  const source = await readFile(join(SRC, file), 'utf8')
  const textOf = ({ start, end }: { start: number; end: number }): string =>
    source.slice(start, end)
  return { program: parseSync(file, source).program, textOf }
}

/** Compares of hashes none of which comes from the request: both are the store's, or our own. */
const OURS = [
  'start.ts: stored.secretHash === known.secretHash',
  'start.ts: found.record?.secretHash === secretHash',
  'write.ts: before.secretHash !== known.secretHash',
  'state.ts: (await hashSecret(secret)) === secretHash',
]

describe('the secret of a cookie', () => {
  it('is compared by its hash, and nowhere but in constant time', async () => {
    const compared: string[] = []
    const inConstantTime: string[] = []
    for (const file of await readdir(SRC)) {
      if (!file.endsWith('.ts')) continue
      const { program, textOf } = await parsed(file)
      new Visitor({
        BinaryExpression(node) {
          const text = textOf(node)
          const isEquality = /^[!=]==?$/.test(node.operator)
          if (isEquality && /secret(Hash)?\b|formerHash/.test(text))
            compared.push(`${file}: ${text}`)
        },
        CallExpression(node) {
          const text = textOf(node)
          if (text.startsWith('constantTimeEqual(')) inConstantTime.push(`${file}: ${text}`)
        },
      }).visit(program)
    }
    const known = compared.filter((each) => !/undefined|typeof|secrets\[0\]/.test(each))
    expect(known.toSorted()).toEqual(OURS.toSorted())
    expect(inConstantTime).toEqual([
      'state.ts: constantTimeEqual(secretHash, cookie.secretHash)',
      "state.ts: constantTimeEqual(secretHash, cookie.formerHash ?? '')",
    ])
  })

  it('the compare looks at every character, whatever it has seen', async () => {
    const { program, textOf } = await parsed('bytes.ts')
    const early: string[] = []
    let loops = 0
    const inLoop = (loop: Node): void => {
      loops++
      if (/\b(return|break|continue|if|throw)\b|\?|&&|\|\|/.test(textOf(loop)))
        early.push(textOf(loop))
    }
    new Visitor({
      FunctionDeclaration(node) {
        if (node.id?.name !== 'constantTimeEqual') return
        const statements = node.body?.body ?? []
        for (const statement of statements) if (statement.type === 'ForStatement') inLoop(statement)
      },
    }).visit(program)
    expect({ loops, early }).toEqual({ loops: 1, early: [] })
  })
})

/** The least of several: what else the machine did meanwhile only adds to it. */
async function least(act: () => unknown): Promise<number> {
  let shortest = Infinity
  for (let round = 0; round < 9; round++) {
    const before = performance.now()
    await act()
    shortest = Math.min(shortest, performance.now() - before)
  }
  return shortest
}

describe('what a hostile text costs grows no faster than its length', () => {
  const { load } = createWorld()
  const header = (text: string) => () => load(text)

  it.each<[string, (length: number) => () => unknown]>([
    ['a header of the name alone', (n) => header(`${NAME}=;`.repeat(n / 16))],
    ['a header of spaces', (n) => header(`${NAME}=${' '.repeat(n)}x`)],
    ['a header of separators', (n) => header(`${NAME}=a${';'.repeat(n)}${NAME}=b`)],
    ['a header of equal signs', (n) => header(`${'='.repeat(n)}${NAME}=b; ${NAME}=c`)],
    ['an address of digits', (n) => () => truncateIp('1'.repeat(n))],
    ['an address of dots', (n) => () => truncateIp('1.'.repeat(n / 2))],
    ['an address of colons', (n) => () => truncateIp(':'.repeat(n))],
    ['an address of words', (n) => () => truncateIp('[f:'.repeat(n / 3))],
  ])('%s', async (_what, of) => {
    // Eight times as long, at most eight times eight times as costly where it is quadratic.
    const [short, long] = [await least(of(7500)), await least(of(60_000))]
    expect(long).toBeLessThan(Math.max(1, short) * 32)
  })
})
