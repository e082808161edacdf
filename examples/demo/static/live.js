/** What the server tells an open page. Every page works without it, by loading it again. */
const { live: address } = document.body.dataset
const isPrivate = 'private' in document.body.dataset

if (address !== undefined) follow(address)

/** @param {string} url */
function follow(url) {
  const events = new EventSource(url)
  events.addEventListener('open', () => mark(true))
  events.addEventListener('error', () => mark(false))
  events.addEventListener('update', ({ data }) => {
    const parts = /** @type {Record<string, string>} */ (JSON.parse(String(data)))
    for (const [id, html] of Object.entries(parts)) replace(id, html)
  })
  events.addEventListener('ended', () => {
    events.close()
    showEnded()
  })
  // Who signs out here need not be told.
  for (const form of document.querySelectorAll('form[data-leaves]')) {
    form.addEventListener('submit', () => events.close())
  }
}

/** @param {boolean} isLive */
function mark(isLive) {
  const marker = document.getElementById('live')
  if (marker !== null) marker.hidden = !isLive
}

/**
 * The server has escaped whatever is not its own. The focus stays where it was.
 *
 * @param {string} id
 * @param {string} html
 */
function replace(id, html) {
  const part = document.getElementById(id)
  const next = document.createElement('div')
  next.innerHTML = html
  if (part === null || part.innerHTML === next.innerHTML) return
  const focused = part.contains(document.activeElement) ? document.activeElement.id : undefined
  part.replaceChildren(...next.childNodes)
  if (focused !== undefined) (document.getElementById(focused) ?? part).focus()
}

function showEnded() {
  document.title = 'You were signed out'
  for (const part of document.querySelectorAll('#content, header nav, header form')) part.remove()
  const alert = document.getElementById('ended')
  const message = document.querySelector('template')
  if (alert === null || message === null) return
  alert.append(message.content.cloneNode(true))
  alert.querySelector('a')?.focus()
}

// A page that the browser has kept shows nothing of what was on it: it is loaded again.
if (isPrivate) {
  addEventListener('pagehide', () => {
    document.body.hidden = true
  })
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) location.reload()
  })
}
