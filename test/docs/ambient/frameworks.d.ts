// What the documents use of frameworks that are not installed here.
declare module '@sveltejs/kit' {
  import type { Session } from '@adjourn/core'

  interface RequestEvent {
    readonly request: Request
    readonly locals: { session: Session }
  }

  export type Handle = (input: {
    readonly event: RequestEvent
    resolve(event: RequestEvent): Response | Promise<Response>
  }) => Response | Promise<Response>
}

declare module 'react-router' {
  export interface ActionFunctionArgs {
    readonly request: Request
  }

  export function redirect(url: string): Response
}

declare module 'next/headers' {
  export function headers(): Promise<Headers>
}

declare module 'react' {
  export function cache<T>(read: () => T): () => T
}
