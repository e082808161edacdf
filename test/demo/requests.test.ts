import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Browser } from './browser.ts'
import { ADA, GRACE, openDemo, SIDES, type TestDemo } from './support.ts'

let world: TestDemo
beforeAll(async () => {
  world = await openDemo()
})
afterAll(() => world[Symbol.asyncDispose]())

describe.each(SIDES)('requests to the demo on $name', ({ here, there }) => {
  const ours = (): string => world.demo[here]

  it.each([
    ['no fields', ''],
    ['no user', 'password=lovelace'],
    ['a user twice', 'user=ada&user=grace&password=lovelace'],
    ['a user that is an object', 'user[name]=ada&password=lovelace'],
    ['keys of prototypes', '__proto__=ada&constructor=ada&password=lovelace'],
    ['a user that is too long', `user=${'x'.repeat(3000)}&password=lovelace`],
    ['broken escapes', 'user=%ED%A0%80%&password=lovelace'],
    ['NUL and quotes', 'user=%00%27%22%3Cb%3E&password=lovelace'],
  ])('answers a login with %s with a page, and nobody is signed in', async (_case, body) => {
    const browser = new Browser()
    const answer = await browser.open(`${ours()}/login`, { body })
    expect([400, 401]).toContain(answer.status)
    expect(answer.body).toContain('<h1>')
    expect(answer.body).not.toContain('"<b>')
    expect(browser.cookie).toBe('')
  })

  it.each([
    ['JSON', 'application/json', '{"user":"ada","password":"lovelace"}'],
    ['broken multipart', 'multipart/form-data; boundary=x', 'nothing of the kind'],
    ['multipart without a boundary', 'multipart/form-data', 'user=ada'],
    ['text', 'text/plain', 'user=ada&password=lovelace'],
  ])('takes no login from %s', async (_case, type, body) => {
    const browser = new Browser()
    const answer = await browser.open(`${ours()}/login`, {
      body,
      headers: { 'content-type': type },
    })
    expect(answer.status).toBe(400)
    expect(browser.cookie).toBe('')
  })

  it('refuses a body that is too large', async () => {
    const body = `user=ada&password=${'x'.repeat(20_000)}`
    const answer = await new Browser().open(`${ours()}/login`, { body })
    expect(answer.status).toBe(413)
    expect(answer.body).toContain('Too large')
  })

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['a page of unknown origin', { 'sec-fetch-site': 'cross-site', origin: 'null' }],
    ['a site of the same host', { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:1' }],
    ['an old browser on another site', { origin: 'https://evil.example' }],
  ])('refuses a form of %s', async (_case, headers) => {
    const ada = await world.signedIn(ours(), ADA)
    const paths = ['/logout', '/password', '/sessions/end-others', '/login', '/why', '/slow']
    for (const path of paths) {
      const form = { current: 'lovelace', next: 'something else', user: 'ada' }
      expect((await ada.open(`${ours()}${path}`, { form, headers })).status, path).toBe(403)
    }
    expect(await ada.whoami(ours())).toMatchObject({ user: 'ada' })
  })

  it('refuses a form of the app beside it, which is another origin', async () => {
    const ada = await world.signedIn(ours(), ADA)
    const headers = { 'sec-fetch-site': 'same-site', origin: world.demo[there] }
    expect((await ada.open(`${ours()}/logout`, { form: {}, headers })).status).toBe(403)
  })

  it('takes a form that the browser says is its own', async () => {
    const ada = await world.signedIn(ours(), ADA)
    const headers = { 'sec-fetch-site': 'same-origin' }
    expect((await ada.open(`${ours()}/logout`, { form: {}, headers })).status).toBe(303)
  })

  it('escapes what a browser says of itself', async () => {
    const odd = new Browser('"><script>alert(1)</script>')
    await odd.signIn(ours(), GRACE.user, GRACE.password)
    for (const path of ['/account', '/admin', '/admin?q=%22%3E%3Cscript%3E']) {
      const { status, body } = await odd.open(`${ours()}${path}`)
      expect(status).toBe(200)
      expect(body).not.toMatch(/<script>|"><script/)
    }
    expect((await odd.open(`${ours()}/account`)).body).toContain('&lt;script&gt;')
    await odd.open(`${ours()}/sessions/end-others`, { form: {} })
  })

  it('sends headers that keep pages private and out of frames', async () => {
    const ada = await world.signedIn(ours(), ADA)
    for (const path of ['/account', '/', '/why', '/nowhere', '/whoami']) {
      const { headers } = await ada.open(`${ours()}${path}`)
      expect(headers, path).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
      })
      const policy = headers['content-security-policy']
      expect(policy, path).toContain("default-src 'self'")
      expect(policy, path).toContain("frame-ancestors 'none'")
      expect(headers['x-powered-by']).toBeUndefined()
    }
  })

  it('has no script and no style in its pages', async () => {
    const grace = await world.signedIn(ours(), GRACE)
    for (const path of ['/', '/account', '/admin', '/why', '/nowhere']) {
      const { body } = await grace.open(`${ours()}${path}`)
      expect(body, path).not.toMatch(/<script>|<style|\sstyle=|\son\w+=/)
    }
  })

  it('serves what the pages need, and nothing else', async () => {
    const browser = new Browser()
    for (const [file, type] of [
      ['app.css', 'text/css'],
      ['live.js', 'text/javascript'],
      ['icon.svg', 'image/svg+xml'],
    ] as const) {
      const { status, headers } = await browser.open(`${ours()}/static/${file}`)
      expect(status).toBe(200)
      expect(headers['content-type']).toContain(type)
    }
    for (const path of ['/static/', '/static/%2e%2e/package.json', '/static/..%2fpackage.json']) {
      expect((await browser.open(`${ours()}${path}`)).status, path).toBe(404)
    }
  })

  it('leads to the same page of the other app, on the host that it was asked by', async () => {
    const { port } = new URL(world.demo[there])
    const browser = new Browser()
    const at = async (host: string): Promise<string> =>
      (await browser.open(`${ours()}/why`, { headers: { host } })).body
    expect(await at(new URL(ours()).host)).toContain(`href="http://127.0.0.1:${port}/why"`)
    expect(await at('localhost:1')).toContain(`href="http://localhost:${port}/why"`)
    expect(await at('evil.example')).toContain(`href="http://127.0.0.1:${port}/why"`)
  })

  it('answers with a page where there is none', async () => {
    const { status, body } = await new Browser().open(`${ours()}/nowhere`)
    expect(status).toBe(404)
    expect(body).toContain('<h1>Not found</h1>')
  })
})
