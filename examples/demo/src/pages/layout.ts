import { html } from 'hono/html'
import type { Framework } from '../demo.ts'

/** Text of a page in which every value is escaped. Pages are functions of what they show, no more. */
export type Html = ReturnType<typeof html>

/** What is around a page. */
export interface Frame {
  readonly framework: Framework
  readonly path: string
  /** The app that serves the same page, and where. */
  readonly other: Framework
  readonly otherOrigin: string
  readonly user?: string
  readonly isAdmin: boolean
  /** Shown once. */
  readonly notice?: string
}

export interface Body {
  readonly title: string
  readonly content: Html
  /** Where the page hears of changes: see static/live.js. */
  readonly live?: string
  /** For who has no JavaScript: seconds until the page loads itself again. */
  readonly reload?: number
}

export function layout(frame: Frame, { title, content, live, reload }: Body): Html {
  const isPrivate = frame.user !== undefined
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} - Adjourn demo</title>
        <link rel="icon" href="/static/icon.svg" />
        <link rel="stylesheet" href="/static/app.css" />
        <script type="module" src="/static/live.js"></script>
        ${reload && html`<noscript><meta http-equiv="refresh" content="${reload}" /></noscript>`}
      </head>
      <body ${isPrivate && 'data-private'} ${live !== undefined && html`data-live="${live}"`}>
        <a class="skip" href="#main">Skip to the content</a>
        ${header(frame)}
        <main id="main" tabindex="-1">
          <div id="ended" role="alert"></div>
          <div id="content">
            ${frame.notice !== undefined && html`<p class="notice" role="status" tabindex="-1" autofocus>${frame.notice}</p>`}
            ${content}
          </div>
        </main>
        ${footer(frame)} ${isPrivate && ENDED}
      </body>
    </html> `
}

function header({ user, isAdmin, path }: Frame): Html {
  const link = (to: string, text: string): Html =>
    html`<li><a href="${to}" ${to === path && html`aria-current="page"`}>${text}</a></li>`
  return html`<header>
    <div class="bar">
      <p class="brand">
        <a href="/">Adjourn <span>demo</span></a>
      </p>
      <nav aria-label="Pages">
        <ul>
          ${user === undefined ? link('/', 'Sign in') : link('/account', 'Account')}
          ${isAdmin && link('/admin', 'Admin')} ${link('/why', 'Why?')}
        </ul>
      </nav>
      ${
        user !== undefined &&
        html`<form class="who" method="post" action="/logout" data-leaves>
          <span><span class="words">Signed in as</span> <strong>${user}</strong></span>
          <button class="quiet">Sign out</button>
        </form>`
      }
    </div>
  </header>`
}

function footer({ framework, other, otherOrigin, path }: Frame): Html {
  return html`<footer>
    <p>
      Served by <strong>${framework}</strong>.
      <a href="${otherOrigin}${path}">The same page on ${other}</a>
    </p>
  </footer>`
}

const ENDED = html`<template id="ended-message">
  <h1>You were signed out</h1>
  <p>
    Your session has ended, here or from another device. What this page showed has been removed.
  </p>
  <p><a class="button" href="/">Sign in again</a></p>
</template>`
