import { assertSays, run } from '@adjourn/bench/load'
import { describe, expect, it } from 'vitest'

type Subject = Parameters<typeof run>[0]

/** Answers with the path's number, and notes who was asked for. */
function subjectOf(asked: string[], status = 200): Subject {
  return {
    name: 'subject',
    framework: 'hono',
    client: {
      connect: () => async (call) => {
        asked.push(call.path)
        return { status, body: call.cookie ?? 'nobody' }
      },
    },
    says: (user) => user ?? 'nobody',
    close: async () => {},
  }
}

const CALLS = ['a', 'b', 'c', 'd'].map((path) => ({ path }))
const TIME = 10_000

describe('a run', () => {
  it('lets the connections walk apart', async () => {
    const walks: string[][] = []
    const subject = subjectOf([])
    const connect = (): ReturnType<Subject['client']['connect']> => {
      const [send, walk] = [subject.client.connect(), [] as string[]]
      walks.push(walk)
      return (call) => {
        walk.push(call.path)
        return send(call)
      }
    }
    await run(
      { ...subject, client: { ...subject.client, connect } },
      { connections: 2, calls: CALLS, time: TIME, count: 4 },
    )
    // How many each makes is for the clock to say.
    expect(walks.flat()).toHaveLength(4)
    expect('abcd').toMatch(new RegExp(`^${walks[0]?.join('')}`))
    expect('cdab').toMatch(new RegExp(`^${walks[1]?.join('')}`))
  })

  it('makes each call once by a cursor, and goes on from there', async () => {
    const asked: string[] = []
    const load = { connections: 3, calls: CALLS, time: TIME, cursor: { next: 0 } }
    await run(subjectOf(asked), { ...load, count: 4 })
    expect(asked).toEqual(['a', 'b', 'c', 'd'])
    await run(subjectOf(asked), { ...load, count: 2 })
    expect(asked.slice(4)).toEqual(['a', 'b'])
  })

  it('ends when its time is over', async () => {
    const { elapsed } = await run(subjectOf([]), { connections: 2, calls: CALLS, time: 20 })
    expect(elapsed).toBeGreaterThanOrEqual(20)
  })

  it('fails if an answer is wrong', async () => {
    const load = { connections: 1, calls: CALLS, time: TIME, count: 1 }
    await expect(run(subjectOf([], 503), load)).rejects.toThrow(/503 from a/)
  })
})

it('does not take somebody for somebody else', async () => {
  const subject = subjectOf([])
  await assertSays(subject, 'ada', 'ada')
  await assertSays(subject, undefined, undefined)
  await expect(assertSays(subject, 'ada', 'bob')).rejects.toThrow(/"ada" to bob/)
  await expect(assertSays(subject, 'ada', undefined)).rejects.toThrow(/"ada" to nobody/)
})
