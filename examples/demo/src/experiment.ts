import { createChanges } from './changes.ts'
import type { Experiment, ExperimentState } from './experiment-state.ts'
import { logOutEachWay, newVisitor, openLab } from './lab.ts'
import { openMongo, type Storage } from './storage.ts'

/** Runs on request. Disposed of, it breaks off what runs and stops its MongoDB. */
export function createExperiment(open: OpenStorage = openMongo): Experiment {
  const changes = createChanges()
  const stopping = new AbortController()
  let state: ExperimentState = { kind: 'idle' }
  let storage: Promise<Storage> | undefined
  let running: Promise<void> | undefined

  function become(next: ExperimentState): void {
    state = next
    changes.tell()
  }

  /** Opened with the first run, and kept for the next; what fails is tried anew. */
  async function opened(): Promise<Storage> {
    storage ??= open((line) => become({ kind: 'running', step: line, rows: [] }))
    try {
      return await storage
    } catch (error) {
      storage = undefined
      throw error
    }
  }

  async function run(): Promise<void> {
    const started = performance.now()
    try {
      await using lab = await openLab(await opened())
      const visitor = await newVisitor(lab, stopping.signal)
      const rows = await logOutEachWay(lab, visitor, (step, soFar) =>
        become({ kind: 'running', step, rows: soFar }),
      )
      become({ kind: 'done', rows, seconds: (performance.now() - started) / 1000 })
    } catch (error) {
      become({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) })
    }
  }

  return {
    get state() {
      return state
    },
    changes,
    start() {
      if (state.kind === 'running') return
      become({ kind: 'running', step: 'starting a MongoDB', rows: [] })
      running = run()
    },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await running
      await (await storage)?.[Symbol.asyncDispose]()
    },
  }
}

export type OpenStorage = (log: (line: string) => void) => Promise<Storage>
