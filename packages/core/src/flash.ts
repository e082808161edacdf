import { refuse } from './check.ts'
import type { Content } from './content.ts'
import { textsOf, type DataTexts } from './data.ts'
import { SessionError } from './errors.ts'

/** A message to be left. */
export interface Message {
  readonly added: DataTexts
  readonly add: (content: Content) => Content
}

/** How `session.flash` was called. */
export type FlashCall =
  | { readonly kind: 'take'; readonly key: string }
  | ({ readonly kind: 'leave' } & Message)

/** @param given The arguments after the key: a value that is undefined is not a value left out. */
export function flashCall(key: string, given: readonly unknown[]): FlashCall {
  if (typeof key !== 'string') refuse(['flash takes the name of a message'])
  if (given.length === 0) return { kind: 'take', key }
  const added = textsOf({ [key]: given[0] }, 'flash')
  if (added.size === 0) {
    throw new SessionError('ERR_DATA_INVALID', 'A message must not be undefined', { path: [key] })
  }
  return {
    kind: 'leave',
    added,
    add: ({ data, messages }) => ({ data, messages: new Map([...messages, ...added]) }),
  }
}

export function withoutMessage({ data, messages }: Content, key: string): Content {
  return { data, messages: new Map([...messages].filter(([each]) => each !== key)) }
}
