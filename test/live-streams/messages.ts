/** What the test and its servers say to each other beside HTTP. */
export type ToServer =
  | { readonly signIn: number }
  | { readonly revokeEveryone: true }
  | { readonly logOut: string }

export type FromServer =
  | { readonly listeningAt: string }
  | { readonly cookies: readonly string[] }
  /** Milliseconds since the epoch: before the call, and when it resolved. */
  | { readonly began: number; readonly resolved: number }
