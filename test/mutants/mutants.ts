import { FEEDS, UNASKED } from './more-mutants.ts'
import { READS } from './read-mutants.ts'
import { core, type Mutant } from './mutant.ts'
import { TOKENS } from './token-mutants.ts'

const guarantees = ['test/guarantees']

const G1: Mutant[] = [
  {
    name: 'end that leaves the record',
    file: core('request-session'),
    edits: [['existed = await this.#engine.store.delete(id)', 'existed = true']],
    tests: guarantees,
    only: 'G1',
  },
  {
    name: 'end without a deletion cookie',
    file: core('cookie-slot'),
    edits: [
      [
        'if (this.#isClosed) return\n    this.#deletes',
        'if (this.#attributes.httpOnly) return\n    this.#deletes',
      ],
    ],
    tests: guarantees,
    only: 'G1',
  },
  {
    name: 'a deletion cookie with another path',
    file: core('cookie'),
    edits: [
      [
        "{ ...attributes, value: '', maxAge: 0",
        "{ ...attributes, path: '/login', value: '', maxAge: 0",
      ],
    ],
    tests: guarantees,
    only: 'G1',
  },
  {
    name: 'a deletion cookie without its flags',
    file: core('cookie'),
    edits: [
      [
        "{ ...attributes, value: '', maxAge: 0",
        "{ name: attributes.name, path: '/', value: '', maxAge: 0",
      ],
    ],
    tests: guarantees,
    only: 'G1',
  },
]

const G4: Mutant[] = [
  {
    name: 'a store that is down taken for not signed in',
    file: core('state'),
    edits: [
      [
        'store.read(id, groups))',
        'store.read(id, groups).catch(() => ({ record: undefined, epochs: new Map() })))',
      ],
    ],
    tests: guarantees,
    only: 'G4',
  },
  {
    name: 'end that swallows a store error',
    file: core('request-session'),
    edits: [['throw deletionUnconfirmed(cause)', 'return void cause']],
    tests: guarantees,
    only: 'G4',
  },
  {
    name: 'end that clears the cookie only if the store answers',
    file: core('request-session'),
    edits: [
      ['    this.#slot.beginEnd(clearSiteData)\n', ''],
      [
        "    this.#slot.delete()\n    if (id !== undefined && !deleted) await this.#delete(id, userId, 'logout')\n",
        "    if (id !== undefined && !deleted) await this.#delete(id, userId, 'logout')\n    this.#slot.delete()\n",
      ],
    ],
    tests: guarantees,
    only: 'G4',
  },
]

const G5: Mutant[] = [
  {
    name: 'a record that holds the secret itself',
    file: core('bytes'),
    edits: [['return base64url(new Uint8Array(digest))', 'return digest && secret']],
    tests: guarantees,
    only: 'G5',
  },
  {
    name: 'a secret that is not compared',
    file: core('state'),
    edits: [['if (!hasSecret(record, cookie))', 'if (record.secretHash === undefined)']],
    tests: guarantees,
    only: 'G5',
  },
  {
    name: 'a cookie that shows the id',
    file: core('start'),
    edits: [
      [
        'serializeCookie(attributes, value,',
        'serializeCookie(attributes, `${record.id}.${value}`,',
      ],
    ],
    tests: guarantees,
    only: 'G5',
  },
]

const G6: Mutant[] = [
  {
    name: 'Set-Cookie added to what was there of the name',
    file: core('apply-headers'),
    edits: [['!names.has(setCookieName(value))', '!names.has(value)']],
    tests: ['test/conformance/bindings/express5', 'test/conformance/bindings/hono-node'],
    only: 'on the memory store',
  },
  {
    name: 'a cookie sent again with every save',
    file: core('request-session'),
    edits: [['if (isOutdated && this.#slot.mayRenew) await', 'if (known) await']],
    tests: guarantees,
    only: 'G6',
  },
  {
    name: 'a first call that wins',
    file: 'packages/node/src/transport.ts',
    edits: [['      queued = headers\n', '      queued ??= headers\n']],
    tests: guarantees,
    only: 'G6',
  },
]

const races = ['test/races/memory']
const session = ['packages/core/test/session']
const end = ['packages/core/test/end']
const sessions = ['packages/core/test/sessions']
const revocation = ['packages/core/test/revocation']
const timeouts = ['packages/core/test/timeouts']
const events = ['packages/core/test/events']
const limit = ['packages/core/test/limit']

/** The rules without which a session came back, or somebody innocent was signed out. */
const RULES: Mutant[] = [
  {
    name: 'revokeAll that only deletes',
    file: core('revoke'),
    edits: [
      [
        'await engine.store.revoke(wanted)',
        '{ group, epoch: Number.MAX_SAFE_INTEGER, keep: except ? [except.id] : [], expiresAt }',
      ],
    ],
    tests: races,
    only: 'login with a fence of a against revokeAll of a',
  },
  {
    name: 'epochs that are not looked at',
    file: core('record'),
    edits: [['return isAlive(record, epochs) ?', 'return epochs !== undefined ?']],
    tests: races,
    only: 'save of a against revokeAll of a',
  },
  {
    name: 'a login that does not look again after its insert',
    file: core('start'),
    edits: [['await settle(engine, record, { taken, room })', "'started' as Outcome"]],
    tests: races,
    only: 'login of the visitor of a against revokeAll of a',
  },
  {
    name: 'a login that does not look before it takes a session over',
    file: core('start'),
    edits: [
      [
        "=== known.secretHash && standingOf(engine, stored, epochs) === 'live'",
        '=== known.secretHash',
      ],
    ],
    tests: races,
    only: 'login of the visitor of a against revoke everyone of a',
  },
  {
    name: 'a fence that is not looked at',
    file: core('start'),
    edits: [['fence === undefined\n', 'fence?.takenAt !== 0\n']],
    tests: races,
    only: 'login with a fence of a against revokeAll of a',
  },
  {
    name: 'a fence that covers more than it was taken for',
    file: core('fence'),
    edits: [
      [
        'return groups.map((group) => {',
        'return groups.filter((group) => covered.has(group)).map((group) => {',
      ],
    ],
    tests: revocation,
    only: 'is refused for another user',
  },
  {
    name: 'a fence of another user',
    file: core('fence'),
    edits: [['if (fence.userId !== userId)', "if (fence.userId === '')"]],
    tests: revocation,
    only: 'is refused for another user',
  },
  {
    name: 'a session that leaves a tag and does not look again',
    file: core('write'),
    edits: [
      ['if (leaves) await assertStillAlive', 'if (tags?.length === -1) await assertStillAlive'],
    ],
    tests: races,
    only: 'rotate out of a tag of a against revoke the tag of a',
  },
  {
    name: 'a rotation that adopts the epochs of today',
    file: core('write'),
    edits: [
      ["if (state !== 'live')", "if (state === 'expired')"],
      ['groups: [...stay, ...tagged],', 'groups: membershipsUnder(groupNames(stored), epochs),'],
    ],
    tests: races,
    only: 'rotate of a against revokeAll of a',
  },
  {
    name: 'a write that does not look whether the session was revoked',
    file: core('write'),
    edits: [["if (state !== 'live')", "if (state === 'expired')"]],
    tests: revocation,
    only: 'cannot be written once its epoch has moved',
  },
  {
    name: 'a retry whatever the secret is by now',
    file: core('write'),
    edits: [['if (before.secretHash !== known.secretHash)', "if (before.secretHash === '')"]],
    tests: session,
    only: 'cannot write into the session after it',
  },
  {
    name: 'a kept session whether it lives or not',
    file: core('store'),
    edits: [
      [
        'return previous === undefined || previous.epoch === epoch ||',
        'return id !== epoch?.toString() ||',
      ],
    ],
    tests: races,
    only: 'revokeOthers of a against revokeOthers of b',
  },
  {
    name: 'everybody deleted after the epoch',
    file: core('memory-store'),
    edits: [['(of.epoch ?? -1) < epoch', 'epoch > 0']],
    tests: races,
    only: 'login of the visitor of a against revokeAll of a',
  },
  {
    name: 'the kept session deleted after the epoch',
    file: core('memory-store'),
    edits: [['!keep.includes(id) &&', '']],
    tests: races,
    only: 'save of a against revokeOthers of a',
  },
  {
    name: 'save that inserts',
    file: core('memory-store'),
    edits: [
      [
        '#closed = false\n',
        '#closed = false\n  readonly #gone = new Map<string, SessionRecord>()\n',
      ],
      [
        'const record = this.#unexpired(id, now)\n    if (record?.version',
        'const record = this.#unexpired(id, now) ?? this.#gone.get(id)\n    if (record?.version',
      ],
      [
        '    return this.#records.delete(id)',
        '    const gone = this.#records.peek(id)\n    if (gone) this.#gone.set(id, gone)\n    return this.#records.delete(id)',
      ],
    ],
    tests: races,
    only: 'save of a against end of a',
  },
  {
    name: 'touch that inserts',
    file: core('memory-store'),
    edits: [
      [
        '#closed = false\n',
        '#closed = false\n  readonly #gone = new Map<string, SessionRecord>()\n',
      ],
      [
        'const record = this.#unexpired(id, now)\n      if (record ===',
        'const record = this.#unexpired(id, now) ?? this.#gone.get(id)\n      if (record ===',
      ],
      [
        '    return this.#records.delete(id)',
        '    const gone = this.#records.peek(id)\n    if (gone) this.#gone.set(id, gone)\n    return this.#records.delete(id)',
      ],
    ],
    tests: races,
    only: 'touch of a against end of a',
  },
  {
    name: 'a session deleted that joined under the very epoch',
    file: core('memory-store'),
    edits: [['(of.epoch ?? -1) < epoch', '(of.epoch ?? -1) <= epoch']],
    tests: ['test/conformance/stores/memory'],
    only: 'purge spares members whose epoch is equal or higher',
  },
  {
    name: 'expiry that is not checked on read',
    file: core('record'),
    edits: [["if (deadline(record, absoluteTimeout) <= now) return 'expired'", '']],
    tests: timeouts,
    only: 'timeouts',
  },
  {
    name: "today's absolute timeout not counted",
    file: core('record'),
    edits: [
      [
        '    record.createdAt.getTime() + absoluteTimeout * 1000,\n',
        '    absoluteTimeout === 0 ? 0 : Infinity,\n',
      ],
    ],
    tests: timeouts,
    only: "today's counts",
  },
  {
    name: 'an expired record that can be written',
    file: core('memory-store'),
    edits: [['record !== undefined && record.expiresAt > now ?', 'record !== undefined && now ?']],
    tests: ['test/conformance/stores/memory'],
    only: '',
  },
  {
    name: 'secrets numbered by their position',
    file: core('seal'),
    edits: [
      [
        'password: { [keyId]: secret },\n      onUnsealError',
        'password: { [secrets.indexOf(secret) + keyId]: secret },\n      onUnsealError',
      ],
    ],
    tests: ['packages/core/test/seal'],
    only: 'after the oldest is dropped',
  },
  {
    name: 'any spelling of a cookie',
    file: core('seal'),
    edits: [['[AEIMQUYcgkosw048]~2$/', '[\\w-]~\\d$/']],
    tests: ['packages/core/test/seal'],
    only: 'one spelling only',
  },
  {
    name: 'a dead cookie cleared by any request',
    file: core('cookie-slot'),
    edits: [
      ["return mode === null || mode === undefined || mode === 'navigate'", "return mode !== ''"],
    ],
    tests: events,
    only: 'and is dead is cleared',
  },
  {
    name: 'a stale cookie whose save starts a new session',
    file: core('request-session'),
    edits: [["if (kind === 'none' ||", "if (kind === 'none' || kind === 'stale' ||"]],
    tests: session,
    only: 'the old cookie stops at once',
  },
  {
    name: 'a stale cookie whose end ends nothing',
    file: core('state'),
    edits: [['userId: state.userId, deleted: false', 'userId: state.userId, deleted: true']],
    tests: end,
    only: 'cookie was rotated away meanwhile',
  },
  {
    name: 'a rotation that nobody could confirm, and no cookie for what it left',
    file: core('write'),
    edits: [['if (former !== undefined) send(', 'if (former === null) send(']],
    tests: ['packages/core/test/unknown-outcomes'],
    only: 'nobody is signed out',
  },
  {
    name: 'a limit that ends a session seen meanwhile',
    file: core('limit'),
    edits: [['delete(oldest.id, { lastSeenAt: oldest.lastSeenAt })', 'delete(oldest.id)']],
    tests: sessions,
    only: 'spares one that was seen meanwhile',
  },
  {
    name: 'a login that does not look again at the limit',
    file: core('limit'),
    edits: [['if (members.length <= maxSessionsPerUser) return true', 'return true']],
    tests: limit,
    only: 'gets the last place',
  },
  {
    name: 'a login at the limit that trusts the clocks',
    file: core('limit'),
    edits: [
      ['if (members.length <= maxSessionsPerUser) return true\n', ''],
      ['return false\n  }\n  //', 'return false\n    return true\n  }\n  //'],
    ],
    tests: limit,
    only: 'who is in stays in',
  },
  {
    name: 'MongoDB writes that one node acknowledges',
    file: 'packages/mongodb/src/concerns.ts',
    edits: [["{ w: 'majority', j: true }", '{ w: 1 }']],
    tests: ['test/mongodb/writes'],
    only: '',
  },
  {
    name: 'MongoDB reads from wherever the URI says',
    file: 'packages/mongodb/src/concerns.ts',
    edits: [["readPreference: 'primary', ", '']],
    tests: ['test/mongodb/reads'],
    only: 'whatever the URI says',
  },
  {
    name: 'no bound on a server that hangs',
    file: 'packages/mongodb/src/bound.ts',
    edits: [['}, seconds * 1000)', '}, 600_000)']],
    tests: ['test/mongodb/hung'],
    only: 'accepts and says nothing',
  },
  {
    name: 'no bound on a node that is stopped',
    file: 'packages/mongodb/src/bound.ts',
    edits: [['}, seconds * 1000)', '}, 600_000)']],
    tests: ['test/faults/outage'],
    only: 'hung store',
  },
  {
    name: 'an end that one node acknowledges, and takes with it',
    file: 'packages/mongodb/src/concerns.ts',
    edits: [["{ w: 'majority', j: true }", '{ w: 1 }']],
    tests: ['test/faults/outage'],
    only: 'an end that only the primary has seen',
  },
  {
    name: 'a feed that takes no news for being current',
    file: 'packages/mongodb/src/watch.ts',
    edits: [['isPast(stream, mark, change === null)', 'change === null']],
    tests: ['test/faults/feed'],
    only: 'is not believed',
  },
  {
    name: 'a feed that is sent what sessions hold',
    file: 'packages/mongodb/src/watch.ts',
    edits: [["  { $project: { operationType: 1, 'documentKey._id': 1 } },\n", '']],
    tests: ['test/mongodb/watch.test'],
    only: 'has the server send ids',
  },
  {
    name: 'a feed that tells of touches',
    file: 'packages/mongodb/src/watch.ts',
    edits: [['{ $exists: true }', '{ $ne: 0 }']],
    tests: ['test/mongodb/watch.test'],
    only: 'every change but a touch',
  },
]

export const mutants: readonly Mutant[] = [
  ...G1,
  ...G4,
  ...G5,
  ...G6,
  ...RULES,
  ...UNASKED,
  ...FEEDS,
  ...READS,
  ...TOKENS,
]
