import type { Open } from './registry.ts'

const WHO = 'whoever'
const acts = { who: (): string => WHO }

/** The framework alone. */
export const open: Open = async (name, framework) => {
  const client =
    framework === 'hono'
      ? (await import('./hono-app.ts')).honoApp([], acts)
      : (await import('./express-app.ts')).expressApp([], acts)
  return { name, framework, client, says: () => WHO, close: async () => {} }
}
