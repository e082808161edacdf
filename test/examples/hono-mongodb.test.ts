import { start } from '@adjourn/example-hono-mongodb'
import { expect, test } from 'vitest'
import { mongodbAppTests } from './mongodb-apps.ts'
import { PASSWORD, USER } from './sign-in.ts'

mongodbAppTests('hono-mongodb', start, (visitor) => {
  test('keeps a theme in the session, and nothing else', async () => {
    const laptop = await visitor().login(USER, PASSWORD)
    const put = async (theme: unknown): Promise<number> => {
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify({ theme, admin: true })
      return (await laptop.send('/account/theme', { method: 'PUT', headers, body })).status
    }
    expect(await put('dark')).toBe(204)
    expect(await put('pink')).toBe(400)
    expect((await laptop.get('/account')).body).toBe('{"user":"ada","theme":"dark"}')
    await laptop.post('/logout')
    await laptop.login(USER, PASSWORD)
    expect((await laptop.get('/account')).body).toBe('{"user":"ada","theme":"light"}')
  })
})
