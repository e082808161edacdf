import { html } from 'hono/html'
import { layout, type Frame, type Html } from './layout.ts'

interface Words {
  readonly title: string
  readonly text: string
}

const WORDS: Readonly<Record<number, Words>> = {
  400: { title: 'That did not work', text: 'Something was missing from the form.' },
  401: {
    title: 'You were signed out',
    text: 'Your session has ended, or was ended while you signed in.',
  },
  403: { title: 'Not allowed', text: 'You may not do that.' },
  404: { title: 'Not found', text: 'There is no such page.' },
  413: { title: 'Too large', text: 'The form was larger than this app takes.' },
  503: {
    title: 'Try again soon',
    text: 'The sessions cannot be reached right now. Nobody is signed out by that.',
  },
}

const UNKNOWN: Words = { title: 'Something went wrong', text: 'That is not your fault.' }

export function errorPage(frame: Frame, status: number): Html {
  const { title, text } = WORDS[status] ?? UNKNOWN
  const content = html`<h1>${title}</h1>
    <p class="lead">${text}</p>
    <p><a class="button" href="/">${status === 401 ? 'Sign in again' : 'To the first page'}</a></p>`
  return layout(frame, { title, content })
}
