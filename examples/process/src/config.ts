import { z } from 'zod'

const environment = z.object({
  MONGODB_URI: z.string().min(1),
  // Newest first. To replace one, put the new one in front, and drop the old one a day later.
  SESSION_SECRETS: z.string().transform((list) => list.split(',')),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  // How many proxies of yours a request passes. Behind none, nobody may say where it comes from.
  TRUSTED_PROXIES: z.coerce.number().int().min(0).default(0),
})

export interface Config {
  readonly mongodbUri: string
  readonly secrets: readonly string[]
  readonly port: number
  readonly trustedProxies: number
}

/** @throws ZodError, which names what is wrong and shows no value. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const read = environment.parse(env)
  return {
    mongodbUri: read.MONGODB_URI,
    secrets: read.SESSION_SECRETS,
    port: read.PORT,
    trustedProxies: read.TRUSTED_PROXIES,
  }
}
