/** Web sockets that close with their session: `node src/main.ts`, then open the page. */
import { createSessions } from '@adjourn/core'
import { createApp } from './index.ts'

const sessions = createSessions({
  secrets: 'a-secret-of-this-example-for-local-use',
  // Plain http, on this machine only.
  cookie: { secure: false },
})
createApp(sessions).listen(3000, '127.0.0.1', () => console.log('http://127.0.0.1:3000'))
