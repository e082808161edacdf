/** Shows when the server closes the stream of events. */
export const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width" />
<meta name="color-scheme" content="light dark" />
<title>Live connections</title>
<h1>Live connections</h1>
<form method="post" action="/login"><button>Sign in as ann</button></form>
<form method="post" action="/logout"><button>Sign out here</button></form>
<form method="post" action="/logout-everywhere"><button>Sign out everywhere</button></form>
<p>Open this page in two browsers, and sign out everywhere in one of them.</p>
<ul role="log" id="log"></ul>
<script>
  const say = (text) => {
    const line = document.createElement('li')
    line.textContent = new Date().toLocaleTimeString() + ' ' + text
    document.getElementById('log').append(line)
  }
  const events = new EventSource('/events')
  events.onmessage = ({ data }) => say('events: ' + data)
  events.onerror = () => {
    say('events: closed')
    events.close()
  }
</script>
</html>
`
