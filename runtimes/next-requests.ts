import { DatabaseSync } from 'node:sqlite'
import type { SuiteResults } from '../test/runtimes/results.ts'
import { Browser, DELETION, LOGIN, verdicts } from './from-outside.ts'

const ADA = { user: 'ada', password: 'lovelace' }
const CHANGE = { current: 'lovelace', next: 'engine' }

const NOBODY = [401, '{"error":"NOT_SIGNED_IN"}', []]

const EXPECTED = {
  'the page before the login': [200, 'nobody', []],
  'a wrong password': [401, '{"error":"WRONG_CREDENTIALS"}', []],
  login: [200, '{"user":"ada"}', [LOGIN]],
  'a handler': [200, '{"user":"ada"}', []],
  'a handler with parameters': [200, '{"id":"7","user":"ada"}', []],
  'the page': [200, 'ada', []],
  'a second login': [200, '{"user":"ada"}', [LOGIN]],
  'a change of password': [204, '', [LOGIN]],
  'the cookie that it gave': [200, '{"user":"ada"}', []],
  'the page with it': [200, 'ada', []],
  'the cookie from before': NOBODY,
  'the cookie of the second login': NOBODY,
  'the page with that': [200, 'nobody', []],
  'records after the change': 1,
  'a logout from another site': [403, '{"error":"FROM_ELSEWHERE"}', []],
  'the page after that': [200, 'ada', []],
  logout: [204, '', [DELETION]],
  'records after the logout': 0,
  'the same cookie afterwards': NOBODY,
  'the page with the same cookie': [200, 'nobody', []],
}

/**
 * Signs in and out at the app as browsers would, changes the password, and replays the cookies.
 *
 * @param file Its store.
 */
export async function askNext(at: string, file: string): Promise<SuiteResults> {
  const [laptop, phone] = [new Browser(at), new Browser(at)]
  const records = (): unknown => countRecords(file)
  const before = {
    'the page before the login': await page(laptop),
    'a wrong password': await laptop.ask('POST', '/login', { ...ADA, password: 'babbage' }),
    login: await laptop.ask('POST', '/login', ADA),
    'a handler': await account(laptop),
    'a handler with parameters': await laptop.ask('GET', '/orders/7'),
    'the page': await page(laptop),
  }
  const early = laptop.copy()
  const change = {
    'a second login': await phone.ask('POST', '/login', ADA),
    'a change of password': await laptop.ask('POST', '/account/password', CHANGE),
    'the cookie that it gave': await account(laptop),
    'the page with it': await page(laptop),
    'the cookie from before': await account(early),
    'the cookie of the second login': await account(phone),
    'the page with that': await page(phone),
    'records after the change': records(),
  }
  const elsewhere = { origin: 'https://evil.example' }
  const logout = {
    'a logout from another site': await laptop.ask('POST', '/logout', undefined, elsewhere),
    'the page after that': await page(laptop),
    logout: await laptop.ask('POST', '/logout'),
    'records after the logout': records(),
    'the same cookie afterwards': await account(laptop),
    'the page with the same cookie': await page(laptop),
  }
  return verdicts(EXPECTED, { ...before, ...change, ...logout })
}

const account = (browser: Browser): Promise<unknown> => browser.ask('GET', '/account')

/** What the page, a server component, says instead of all its HTML. */
async function page(browser: Browser): Promise<unknown> {
  const [status, html, cookies] = await browser.ask('GET', '/')
  return [status, /<p>(.*?)<\/p>/.exec(html)?.[1], cookies]
}

function countRecords(file: string): unknown {
  const db = new DatabaseSync(file, { readOnly: true })
  try {
    return db.prepare('SELECT count(*) AS count FROM adjourn_sessions').get()?.['count']
  } finally {
    db.close()
  }
}
