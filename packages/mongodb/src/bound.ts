import type { SessionError } from '@adjourn/core'
import { isTransient, mapError, timedOut } from './map-error.ts'

export interface Bound {
  /**
   * Runs one operation within the store's bound, which the driver no longer has (`timeoutMS` is a
   * no-op since 7.8) and which a server that hangs would otherwise overstep by far. The signal
   * frees the driver's resources; the race holds even where the driver does not listen.
   */
  once<T>(operation: string, run: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** The same for an operation that may be repeated: until it succeeds or the bound is reached. */
  repeated<T>(operation: string, run: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** For those who keep the time themselves, being many. */
  readonly milliseconds: number
  /** What any call has failed with and tries again, the last of them. */
  readonly lastFailure: Failure | undefined
  /** Of an operation that has reached the bound. `earlier`: the last failure when it began. */
  timedOut(operation: string, earlier: Failure | undefined): SessionError
}

interface Failure {
  readonly cause: unknown
}

const PAUSE_MS = 50

/** @param assertOpen Throws once the store is closed. */
export function createBound(seconds: number, assertOpen: () => void): Bound {
  // Of any call, since a read waits for the batch that it shares.
  let lastFailure: Failure | undefined

  // What went wrong before has nothing to do with it.
  const late = (operation: string, earlier: Failure | undefined): SessionError =>
    timedOut(operation, seconds, lastFailure === earlier ? {} : lastFailure)

  async function once<T>(operation: string, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    assertOpen()
    const earlier = lastFailure
    const controller = new AbortController()
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        const error = late(operation, earlier)
        reject(error)
        controller.abort(error)
      }, seconds * 1000)
    })
    try {
      return await Promise.race([run(controller.signal), limit])
    } catch (error) {
      throw mapError(operation, error)
    } finally {
      clearTimeout(timer)
    }
  }

  async function untilDone<T>(
    run: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    for (;;) {
      try {
        return await run(signal)
      } catch (error) {
        if (!isTransient(error) || signal.aborted) throw error
        lastFailure = { cause: error }
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
        signal.throwIfAborted()
      }
    }
  }

  return {
    once,
    repeated: (operation, run) => once(operation, (signal) => untilDone(run, signal)),
    milliseconds: seconds * 1000,
    get lastFailure() {
      return lastFailure
    },
    timedOut: late,
  }
}
