/**
 * A peer, seen from this folder. Its types are ours: it may not be there when the repository is
 * type-checked.
 */
export async function loadPeer<T>(name: string): Promise<T> {
  return (await import(name)) as T
}
