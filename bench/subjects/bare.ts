import { WHOEVER } from '../measure/subject.ts'
import type { Open } from './registry.ts'

const whoever = (): string => WHOEVER
const acts = { who: whoever }

/** The framework alone. */
export const open: Open = async (name, framework) => {
  const client =
    framework === 'hono'
      ? (await import('./hono-app.ts')).honoApp([], acts)
      : (await import('./express-app.ts')).expressApp([], acts)
  return { name, framework, client, says: whoever, close: async () => {} }
}
