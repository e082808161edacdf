/** NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** The nearest-rank percentile; `share` is between 0 and 1. NaN of nothing. */
export function percentile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).toSorted()
  const rank = Math.max(1, Math.ceil(share * sorted.length))
  return sorted[rank - 1] ?? Number.NaN
}

/**
 * The median of the rounds' ratios: both of a round were measured within seconds of each other, so a
 * machine that slows down for a while spoils that round and no other.
 */
export function pairedRatio(of: readonly number[], over: readonly number[]): number {
  const rounds = Math.min(of.length, over.length)
  const ratios = of.slice(0, rounds).map((value, round) => value / (over[round] ?? Number.NaN))
  return median(ratios)
}
