import type { Mutation } from './plugin.ts'

/** A broken Adjourn, and the tests that must notice. */
export interface Mutant extends Mutation {
  readonly name: string
  /** Test files, as filters. */
  readonly tests: readonly string[]
  /** Which tests in them. */
  readonly only: string
}

const core = (file: string): string => `packages/core/src/${file}.ts`
const guarantees = ['test/guarantees']

const G1: Mutant[] = [
  {
    name: 'end that leaves the record',
    file: core('request-session'),
    find: 'existed = await this.#engine.store.delete(id)',
    replace: 'existed = true',
    tests: guarantees,
    only: 'G1',
  },
  {
    name: 'end without a deletion cookie',
    file: core('request-session'),
    find: 'if (!sent) {',
    replace: 'if (sent) {',
    tests: guarantees,
    only: 'G1',
  },
  {
    name: 'a deletion cookie with another path',
    file: core('cookie'),
    find: "{ ...attributes, value: '', maxAge: 0",
    replace: "{ ...attributes, path: '/login', value: '', maxAge: 0",
    tests: guarantees,
    only: 'G1',
  },
  {
    name: 'a deletion cookie without its flags',
    file: core('cookie'),
    find: "{ ...attributes, value: '', maxAge: 0",
    replace: "{ name: attributes.name, path: '/', value: '', maxAge: 0",
    tests: guarantees,
    only: 'G1',
  },
]

const G4: Mutant[] = [
  {
    name: 'a store that is down taken for not signed in',
    file: core('state'),
    find: 'await engine.store.read(cookie.id, cookie.groups)',
    replace:
      'await engine.store.read(cookie.id, cookie.groups).catch(() => ({ record: undefined, epochs: new Map() }))',
    tests: guarantees,
    only: 'G4',
  },
  {
    name: 'end that swallows a store error',
    file: core('request-session'),
    find: '    } catch (cause) {\n      throw new SessionError(',
    replace: '    } catch (cause) {\n      return\n      throw new SessionError(',
    tests: guarantees,
    only: 'G4',
  },
  {
    name: 'end that clears the cookie only if the store answers',
    file: core('request-session'),
    find: 'if (!sent) {',
    replace: 'if (!sent && (id === undefined || (await this.#engine.store.delete(id), true))) {',
    tests: guarantees,
    only: 'G4',
  },
]

const G5: Mutant[] = [
  {
    name: 'a record that holds the secret itself',
    file: core('bytes'),
    find: 'return base64url(new Uint8Array(digest))',
    replace: 'return digest && secret',
    tests: guarantees,
    only: 'G5',
  },
  {
    name: 'a secret that is not compared',
    file: core('state'),
    find: 'if (!constantTimeEqual(record.secretHash, cookie.secretHash)) {',
    replace: 'if (record.secretHash === undefined) {',
    tests: guarantees,
    only: 'G5',
  },
  {
    name: 'a cookie that shows the id',
    file: core('start'),
    find: 'serializeCookie(attributes, value,',
    replace: 'serializeCookie(attributes, `${record.id}.${value}`,',
    tests: guarantees,
    only: 'G5',
  },
]

const G6: Mutant[] = [
  {
    name: 'Set-Cookie added to what was there of the name',
    file: core('binding'),
    find: 'setCookieName(value) !== queued.cookieName',
    replace: 'value !== queued.cookieName',
    tests: ['test/conformance/bindings/express5', 'test/conformance/bindings/hono-node'],
    only: 'on the memory store',
  },
  {
    name: 'a cookie sent again with every save',
    file: core('request-session'),
    find: '    this.#become(record, covered)\n  }\n',
    replace:
      '    this.#become(record, covered)\n    this.#queue(serializeDeletion(this.#engine.options.cookie.attributes))\n  }\n',
    tests: guarantees,
    only: 'G6',
  },
  {
    name: 'a first call that wins',
    file: 'packages/express/src/transport.ts',
    find: '      queued = headers\n',
    replace: '      queued ??= headers\n',
    tests: guarantees,
    only: 'G6',
  },
]

export const mutants: readonly Mutant[] = [...G1, ...G4, ...G5, ...G6]
