import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { messagesIn, readContent, readData, writeContent, writtenData } from '../src/content.ts'
import { textsOf, type Data } from '../src/data.ts'
import { createEngine, type Engine } from '../src/engine.ts'
import { resolveOptions, type SessionsOptions } from '../src/options.ts'
import { SECRET } from './support/browser.ts'

const engine = (options: Partial<SessionsOptions> = {}): Engine =>
  createEngine(resolveOptions({ secrets: SECRET, ...options }))

const schemaOf = (validate: (value: unknown) => unknown): StandardSchemaV1<unknown, never> => ({
  '~standard': { version: 1, vendor: 'test', validate: validate as never },
})

const json = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 })
const OWN_PROTO = '{"__proto__":{"admin":true}}'
const invalid = { code: 'ERR_DATA_INVALID' }

describe('what a record holds', () => {
  it('is read as it was written: data for handlers, messages apart, whatever their keys', async () => {
    const plainEngine = engine()
    await fc.assert(
      fc.asyncProperty(json, json, async (data, messages) => {
        const content = { data: textsOf(data), messages: textsOf(messages) }
        const text = await writeContent(plainEngine, content)
        expect(await readContent(plainEngine, text)).toEqual(content)
        expect(messagesIn(text)).toEqual(content.messages)
        const plain: unknown = JSON.parse(JSON.stringify(data))
        expect(JSON.parse(writtenData(text))).toEqual(plain)
        expect(JSON.parse(await readData(plainEngine, text))).toEqual(plain)
      }),
      { examples: [[JSON.parse(OWN_PROTO) as Data, JSON.parse(OWN_PROTO) as Data]] },
    )
  })

  it('has no data under the key of the messages', async () => {
    const content = { data: textsOf({ 'adjourn:flash': { a: 1 } }), messages: new Map() }
    await expect(writeContent(engine(), content)).rejects.toMatchObject({
      ...invalid,
      path: ['adjourn:flash'],
    })
  })

  it('may be as large as maxDataSize, messages and all, and no larger', async () => {
    const small = engine({ maxDataSize: 40 })
    const sized = (length: number): Promise<string> =>
      writeContent(small, { data: textsOf({ text: 'x'.repeat(length) }), messages: new Map() })
    expect(await sized(29)).toHaveLength(40)
    await expect(sized(30)).rejects.toThrow(/41.*40/)
    const content = { data: textsOf({ text: 'x'.repeat(29) }), messages: textsOf({ a: 1 }) }
    await expect(writeContent(small, content)).rejects.toMatchObject(invalid)
  })

  it.each(['', 'null', '[1]', '{'])(
    'that is no object, such as %j, is reset or refused',
    async (text) => {
      const schema = schemaOf((value) => ({ value: { n: 1, ...(value as object) } }))
      const reset = await readContent(engine({ schema }), text)
      expect(reset).toEqual({ data: textsOf({ n: 1 }), messages: new Map() })
      const reading = readContent(engine({ schema, onInvalidData: 'reject' }), text)
      await expect(reading).rejects.toMatchObject(invalid)
    },
  )

  it('is not reset by a schema that fails: that is no judgement of the data', async () => {
    const schema = schemaOf((value) => {
      if (Object.keys(value as object).length === 0) return { value }
      throw new Error('The service is down')
    })
    const reading = readContent(engine({ schema }), '{"n":1}')
    await expect(reading).rejects.toMatchObject(invalid)
    const { cause } = (await reading.catch((error: unknown) => error)) as Error
    expect(cause).toMatchObject({ message: 'The service is down' })
  })

  it('must be JSON when the schema has made something of it', async () => {
    const schema = schemaOf(() => ({ value: { at: new Map() } }))
    const writing = writeContent(engine({ schema }), {
      data: textsOf({ n: 1 }),
      messages: new Map(),
    })
    await expect(writing).rejects.toMatchObject({ ...invalid, path: ['at'] })
  })

  it('is valid where there is no data, with the defaults of a schema that has them', async () => {
    const nothing = { data: new Map(), messages: textsOf({ notice: 'Signed out' }) }
    const strict = schemaOf(() => ({ issues: [{ message: 'n is missing', path: ['n'] }] }))
    for (const onInvalidData of ['reset', 'reject'] as const) {
      const demanding = engine({ schema: strict, onInvalidData })
      const text = await writeContent(demanding, nothing)
      expect(await readContent(demanding, text)).toEqual(nothing)
    }
    const generous = schemaOf(() => ({ value: { n: 1 } }))
    const { data } = await readContent(engine({ schema: generous }), '{}')
    expect(data).toEqual(textsOf({ n: 1 }))
  })
})
