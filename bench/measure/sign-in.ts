import { unexpected } from './load.ts'
import type { Subject } from './subject.ts'

export interface SignedIn {
  readonly user: string
  readonly cookie: string
}

const AT_ONCE = 16

/** Signs users in by the subject's own login; one session each. */
export async function signIn(subject: Subject, count: number, from = 0): Promise<SignedIn[]> {
  const signedIn: SignedIn[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    const send = subject.client.connect()
    while (next < count) {
      const index = next++
      const user = `user-${from + index}`
      const reply = await send({ method: 'POST', path: `/login/${user}` }, true)
      if (reply.status !== 200) throw unexpected(subject, `${reply.status} to a login`)
      signedIn[index] = { user, cookie: reply.cookie ?? '' }
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, worker))
  await subject.settled?.()
  return signedIn
}
