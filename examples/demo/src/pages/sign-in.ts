import { html } from 'hono/html'
import { USERS } from '../demo.ts'
import type { FieldError } from '../form.ts'
import { inputField } from './field.ts'
import { layout, type Frame, type Html } from './layout.ts'

interface SignIn {
  readonly user?: string
  readonly error?: FieldError
}

export function signInPage(frame: Frame, { user = '', error }: SignIn = {}): Html {
  const content = html`<h1>Sign in</h1>
    <p class="lead">Sessions that end when you say so.</p>
    <table class="users">
      <caption>
        Try it as one of these users
      </caption>
      <thead>
        <tr>
          <th scope="col">User</th>
          <th scope="col">Password</th>
          <th scope="col">May</th>
        </tr>
      </thead>
      <tbody>
        ${USERS.map(
          ({ user: name, password, tags }) =>
            html`<tr>
              <th scope="row"><code>${name}</code></th>
              <td><code>${password}</code></td>
              <td>
                ${tags.some((tag) => tag === 'role:admin') ? 'see and end everybody’s sessions' : 'see and end their own sessions'}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
    <form class="card" method="post" action="/login">
      ${inputField({ name: 'user', label: 'User', autocomplete: 'username', value: user }, error)}
      ${inputField(
        {
          name: 'password',
          label: 'Password',
          autocomplete: 'current-password',
          type: 'password',
        },
        error,
      )}
      <button>Sign in</button>
    </form>
    <section aria-labelledby="two">
      <h2 id="two">Two apps, one session</h2>
      <p>
        ${frame.framework} serves this page;
        <a href="${frame.otherOrigin}/">${frame.other} serves the same one</a> on another port. Both
        use the same <code>sessions</code>, and browsers do not tell cookies apart by port: who
        signs in on one is signed in on both. A session belongs to your app, not to its framework.
      </p>
      <p>
        Sign in, then open this site in a second browser or a private window, and end one session
        from the other. A password that you change stays changed when the demo restarts; delete
        <code>examples/demo/.data</code> to begin again.
      </p>
    </section>`
  return layout(frame, { title: 'Sign in', content })
}
