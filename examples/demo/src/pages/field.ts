import { html } from 'hono/html'
import type { FieldError } from '../form.ts'
import type { Html } from './layout.ts'

export interface Input {
  readonly name: string
  readonly label: string
  readonly autocomplete: string
  readonly type?: 'text' | 'password'
  readonly value?: string
  readonly hint?: string
}

/** An input with its label and what is wrong with it, all tied together. */
export function inputField(input: Input, error?: FieldError): Html {
  const { name, label, autocomplete, type = 'text', value = '', hint } = input
  const wrong = error?.field === name ? error.text : undefined
  const described = [hint && `${name}-hint`, wrong && `${name}-error`].filter(Boolean).join(' ')
  return html`<div class="field">
    <label for="${name}">${label}</label>
    <input
      id="${name}"
      name="${name}"
      type="${type}"
      value="${value}"
      required
      maxlength="200"
      autocomplete="${autocomplete}"
      autocapitalize="none"
      spellcheck="false"
      ${described && html`aria-describedby="${described}"`}
      ${wrong !== undefined && html`aria-invalid="true" autofocus`}
    />
    ${hint && html`<p class="hint" id="${name}-hint">${hint}</p>`}
    ${wrong && html`<p class="error" id="${name}-error">${wrong}</p>`}
  </div>`
}
