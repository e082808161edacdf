/**
 * What a binding needs, and what bindings would otherwise repeat. A binding supplies a
 * {@link Transport} for a request, has {@link loadSession} load its session, and sees to it that
 * {@link applyHeaders} has run on the response's headers when they leave, whatever the handler did.
 *
 * @module @adjourn/core/binding
 */
export { checkHandlerOptions, isSessionError, requireSession } from './answers.ts'
export { applyHeaders } from './apply-headers.ts'
export type { HeaderTarget } from './apply-headers.ts'
export { developmentChecks, warnOfMountingTwice, warnOfUnseenError } from './development.ts'
export type { Mounting, ResponseChecks } from './development.ts'
export { keepSession, keptSession } from './kept-sessions.ts'
export { loadSession } from './sessions.ts'
export type { QueuedHeaders, RequestHeader, Transport } from './transport.ts'
export { withQueued } from './with-queued.ts'
