/** What the processes say to each other beside HTTP. */

export const kinds = ['Express', 'Hono', 'classic'] as const
export type Kind = (typeof kinds)[number]

/** Where a request is held: once it has loaded its session, or when it is about to write it. */
export type Point = 'loaded' | 'writing'

export type FromServer =
  | { readonly listeningAt: string }
  /** The request of this key waits. */
  | { readonly holding: string }

export interface ToServer {
  /** The key of the request that is to go on. */
  readonly letGo: string
}
