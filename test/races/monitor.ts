import type { Sessions } from '@adjourn/core'
import { cookieOf, isAlive, request, type Answer, type Party, type World } from './world.ts'

/**
 * Looks at every cookie that was ever handed out, after every write of a race: one that has been
 * refused must never be accepted again, nor may a session that was gone from the list come back.
 */
export class Monitor {
  readonly #sessions: Sessions
  readonly #user: string
  readonly #nodes = new Set<Sessions>()
  readonly #cookies = new Map<string, boolean>()
  readonly #ids = new Map<string, boolean>()
  readonly violations: string[] = []

  constructor(sessions: Sessions, world: World) {
    this.#sessions = sessions
    this.#user = world.user
    for (const { cookie } of [world.a, world.b, world.stranger, world.visitor]) {
      this.#cookies.set(cookie, true)
    }
    for (const { id } of [world.a, world.b]) this.#ids.set(id, true)
  }

  /**
   * What another node says of a cookie must be what the store says: a cache must not tell a
   * difference where the feed tells of a change before its answer.
   */
  follow(node: Sessions): void {
    this.#nodes.add(node)
  }

  receive(answer: Answer): void {
    const cookie = cookieOf(answer)
    if (cookie !== undefined) this.#cookies.set(cookie, true)
  }

  /**
   * @param resting No call is under way. Until then a rotation that met a revocation may have its
   * record in the list for a moment, under a secret that nobody gets.
   */
  async look(resting: boolean): Promise<void> {
    for (const [cookie, before] of this.#cookies) {
      const alive = await isAlive(this.#sessions, cookie)
      if (alive && !before) this.violations.push('a refused cookie was accepted again')
      this.#cookies.set(cookie, alive)
      await this.#compare(cookie, alive)
    }
    const listed = new Set((await this.#sessions.list(this.#user)).map(({ id }) => id))
    for (const id of listed) {
      const back = this.#ids.get(id) === false
      if (back && resting) this.violations.push('a session came back to the list')
      if (!back) this.#ids.set(id, true)
    }
    for (const id of this.#ids.keys()) if (!listed.has(id)) this.#ids.set(id, false)
  }

  async #compare(cookie: string, alive: boolean): Promise<void> {
    for (const node of this.#nodes) {
      if ((await isAlive(node, cookie)) === alive) continue
      this.violations.push(`a cache ${alive ? 'refuses' : 'accepts'} what the store does not`)
    }
  }

  /** G3: the write that revokes is all that it takes. */
  expectOver(parties: readonly Party[]): void {
    for (const { id, cookie } of parties) {
      if (!this.cookieLives(cookie) && !this.sessionLives(id)) continue
      this.violations.push('a revocation had no effect with its write')
    }
  }

  cookieLives(cookie: string | undefined): boolean {
    return cookie !== undefined && this.#cookies.get(cookie) === true
  }

  sessionLives(id: string): boolean {
    return this.#ids.get(id) === true
  }

  get living(): number {
    return [...this.#ids.values()].filter(Boolean).length
  }

  /** What the session with this id holds, read with whichever of its cookies is accepted. */
  async dataOf(id: string): Promise<Record<string, unknown>> {
    let data = {}
    for (const [cookie, alive] of this.#cookies) {
      if (!alive) continue
      await request(this.#sessions, cookie, async (session) => {
        if (session.id === id) data = { ...session.data }
      })
    }
    return data
  }
}
