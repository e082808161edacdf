import type { SessionsOptions } from '@adjourn/core'
import * as v from 'valibot'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { Browser, dataOf, onEachAppAndStore, type Node, type World } from './support.ts'

interface AppData {
  cart: string[]
  visits: number
}

type Schema = NonNullable<SessionsOptions<AppData>['schema']>

const byZod = z.object({
  cart: z.array(z.string()).default([]),
  visits: z.coerce.number().default(0),
})

const byValibot = v.object({
  cart: v.optional(v.array(v.string()), []),
  visits: v.optional(v.pipe(v.unknown(), v.transform(Number), v.number()), 0),
})

/** Answers later, as one that asks a service would. */
const byHand: Schema = {
  '~standard': {
    version: 1,
    vendor: 'test',
    async validate(value) {
      await Promise.resolve()
      const { cart = [], visits = 0 } = value as { cart?: string[]; visits?: unknown }
      const wrong = cart.findIndex((item) => typeof item !== 'string')
      if (wrong >= 0) return { issues: [{ message: 'not a text', path: ['cart', wrong] }] }
      if (Number.isNaN(Number(visits))) return { issues: [{ message: 'no', path: ['visits'] }] }
      return { value: { cart, visits: Number(visits) } }
    },
  },
}

const schemas: readonly (readonly [string, Schema])[] = [
  ['zod', byZod],
  ['valibot', byValibot],
  ['a hand-written, asynchronous Standard Schema', byHand],
]

onEachAppAndStore('schema', (world) => {
  for (const [name, schema] of schemas) describe(`with ${name}`, () => validated(world, schema))

  it('the schema types the data', async () => {
    const [zod, valibot] = [
      await world().node<z.infer<typeof byZod>>({ schema: byZod }),
      await world().node<v.InferOutput<typeof byValibot>>({ schema: byValibot }),
    ]
    for (const node of [zod, valibot]) {
      await new Browser().visit(node, async (session) => {
        expectTypeOf(session.data).toEqualTypeOf<Partial<AppData>>()
        // @ts-expect-error The schema says that it is a number.
        const total: string | undefined = session.data.visits
        expect(total).toBeUndefined()
      })
    }
  })
})

function validated(world: () => World, schema: Schema): void {
  const nodes = async (): Promise<[Node<AppData>, Node<AppData>]> => [
    await world().node<AppData>({ schema }),
    await world().node<AppData>({ schema }),
  ]

  it('defaults and coerced values are what handlers see, at once and from then on, and what is stored', async () => {
    const [here, there] = await nodes()
    const ann = new Browser()
    const id = await ann.login(here, 'ann')
    const seen = await ann.visit(here, async (session) => {
      const before = dataOf(session)
      session.data.visits = '7' as unknown as number
      await session.save()
      return [before, dataOf(session)]
    })
    expect(seen).toEqual([
      { cart: [], visits: 0 },
      { cart: [], visits: 7 },
    ])
    expect(await ann.visit(there, dataOf)).toEqual({ cart: [], visits: 7 })
    expect(await world().record(id)).toMatchObject({ data: '{"cart":[],"visits":7}' })
    await ann.visit(there, (session) =>
      session.update((data) => {
        data.visits = `${data.visits}1` as unknown as number
      }),
    )
    expect(await ann.visit(here, dataOf)).toEqual({ cart: [], visits: 71 })
  })

  it.each(['save', 'update', 'create'] as const)(
    '%s of data that does not validate rejects with its path, and stores nothing',
    async (call) => {
      const [here, there] = await nodes()
      const ann = new Browser()
      const id = await ann.visit(here, async (session) => {
        await session.create({ data: { cart: ['tea'] } })
        return session.id
      })
      const [before, { cookie }] = [await world().record(id), ann]
      const data = { cart: ['tea', 5 as unknown as string] }
      const writing = ann.visit(there, async (session) => {
        if (call === 'save') {
          session.data.cart = data.cart
          await session.save()
        }
        if (call === 'update') await session.update(() => data)
        if (call === 'create') await session.create({ userId: 'ann', data })
      })
      const error: unknown = await writing.catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'ERR_DATA_INVALID', path: ['cart', 1] })
      expect(await world().record(id)).toEqual(before)
      expect([ann.cookie, world().count('insert')]).toEqual([cookie, 1])
      expect(await ann.visit(there, ({ userId, data: { cart } }) => [userId, cart])).toEqual([
        undefined,
        ['tea'],
      ])
    },
  )

  it('without a session, data that does not validate starts none and sends no cookie', async () => {
    const [here] = await nodes()
    const { outcome, setCookies } = await new Browser().open(here, async (session) => {
      session.data.visits = 'many' as unknown as number
      await session.save()
    })
    expect(outcome).toMatchObject({ reason: { code: 'ERR_DATA_INVALID', path: ['visits'] } })
    expect([setCookies, world().count('insert')]).toEqual([[], 0])
  })
}
