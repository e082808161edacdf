import { isSessionError, warnOfUnseenError, withQueued } from '@adjourn/core/binding'
import type { QueuedHeaders, RequestHeader, ResponseChecks, Transport } from '@adjourn/core/binding'

interface Surroundings {
  readonly sessions: object
  readonly waitUntil: Transport['waitUntil']
}

/** The transport of one request. */
export class RequestTransport implements Transport {
  readonly #request: Request
  readonly #sessions: object
  readonly waitUntil: Transport['waitUntil']
  #queued: QueuedHeaders | undefined
  #sent = false
  /** To be told when the response goes. */
  checks: ResponseChecks | undefined

  constructor(request: Request, { sessions, waitUntil }: Surroundings) {
    this.#request = request
    this.#sessions = sessions
    this.waitUntil = waitUntil
  }

  header(name: RequestHeader): string | null {
    return this.#request.headers.get(name)
  }

  headersSent(): boolean {
    return this.#sent
  }

  queue(headers: QueuedHeaders): void {
    this.#queued = headers
  }

  /** Has the request answered, and puts on the answer what was queued. */
  async answer(work: () => Promise<Response>): Promise<Response> {
    try {
      return this.#send(await work())
    } catch (error) {
      return this.#send(this.#answerTo(error))
    } finally {
      this.checks?.done()
    }
  }

  #send(response: Response): Response {
    this.checks?.leaving()
    // From here on a body may be on its way.
    this.#sent = true
    return this.#queued === undefined ? response : withQueued(response, this.#queued)
  }

  /** An error of the app is the framework's, but a framework would not send the cookie with it. */
  #answerTo(error: unknown): Response {
    if (!isSessionError(error) && this.#queued === undefined) throw error
    const response = isSessionError(error)
      ? error.getResponse()
      : new Response('Internal Server Error', { status: 500 })
    if (response.status >= 500) warnOfUnseenError(this.#request, this.#sessions)
    return response
  }
}
