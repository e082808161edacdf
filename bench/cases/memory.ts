import { startChild } from '../children/start.ts'
import type { Case } from '../measure/bench.ts'
import { keyOf, type Place } from '../measure/figure.ts'

const SAMPLES = 3

/** What the memory store takes of the heap, in a process of its own. */
export const memory: Case = async ({ scale, log }) => {
  const at = `${scale.inMemory.toLocaleString('en')} sessions`
  const place: Place = { case: 'memory', at, framework: 'none', subject: 'memory' }
  const values: number[] = []
  for (let sample = 0; sample < SAMPLES; sample++) {
    const { said, stop } = await startChild('memory.ts', { count: scale.inMemory })
    await stop()
    values.push(Number(said) / 1e6)
  }
  log(`${keyOf(place)}: ${values.map((value) => value.toFixed(1)).join(' ')}`)
  return [{ ...place, unit: 'MB', values }]
}
