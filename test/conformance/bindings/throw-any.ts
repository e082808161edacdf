/** Throws what need not be an Error, as people do, and React Router with a Response. */
export function throwAny(thrown: unknown): never {
  throw thrown
}
