/** The one page of both apps. Whatever changes something is a form that posts. */
export function page(framework: string, user: string | undefined): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Adjourn on ${framework}</title>
  </head>
  <body>
    <main>
      <h1>Adjourn on ${framework}</h1>
      ${user === undefined ? SIGNED_OUT : signedIn(user)}
      <p><a href="/whoami">whoami</a> answers who this request is signed in as.</p>
    </main>
  </body>
</html>
`
}

const SIGNED_OUT = `<p>Not signed in.</p>
      <form method="post" action="/login">
        <p><label>User <input name="user" required autocomplete="username"></label></p>
        <p><label>Password <input name="password" type="password" required autocomplete="current-password"></label></p>
        <p><button>Sign in</button></p>
      </form>`

function signedIn(user: string): string {
  return `<p>Signed in as <strong>${escape(user)}</strong>.</p>
      <form method="post" action="/logout">
        <p><button>Sign out</button></p>
      </form>
      <h2>Change the password</h2>
      <p>It ends every other session of yours, in either app.</p>
      <form method="post" action="/password">
        <p><label>Current password <input name="current" type="password" required autocomplete="current-password"></label></p>
        <p><label>New password <input name="next" type="password" required autocomplete="new-password"></label></p>
        <p><button>Change it</button></p>
      </form>`
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
