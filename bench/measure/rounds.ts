/** Runs whoever takes a turn, round after round; who was first in one round is last in the next. */
export async function interleave<T>(
  subjects: readonly T[],
  rounds: number,
  turn: (subject: T, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? subjects : subjects.toReversed()
    for (const subject of order) {
      // One's garbage is not to be swept in another's turn.
      globalThis.gc?.()
      await turn(subject, round)
    }
  }
}
