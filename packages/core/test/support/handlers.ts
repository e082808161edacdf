import type { Session } from '../../src/index.ts'

/** A handler that saves one key. */
export const add =
  (key: string, value: unknown) =>
  async (session: Session): Promise<void> => {
    session.data[key] = value
    await session.save()
  }

/** A handler that tells the data. */
export const dataOf = async (session: Session): Promise<object> => ({ ...session.data })
