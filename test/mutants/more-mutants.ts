import { core, type Mutant } from './mutant.ts'

/** A cookie that nobody asked for must not replace a newer one. */
export const UNASKED: Mutant[] = [
  {
    name: "a cookie sealed anew for a page's script",
    file: core('request-session'),
    edits: [['if (isOutdated && this.#slot.mayRenew) await', 'if (isOutdated) await']],
    tests: ['test/features/secrets'],
    only: "an answer to a page's script",
  },
  {
    name: 'two cookies of the name taken for none',
    file: core('state'),
    edits: [["return { kind: 'ambiguous' }", "return { kind: 'none' }"]],
    tests: ['test/features/previous-cookies'],
    only: 'starts no session in place of theirs',
  },
]

/** What else signals, the cache and the audit trail rest on. */
export const FEEDS: Mutant[] = [
  {
    name: 'a cache that keeps a read without all epochs of its record',
    file: core('read-cache'),
    edits: [
      [
        'if (!record?.groups.every(({ group }) => groups.includes(group))) return',
        'if (record === undefined || groups.length === -1) return',
      ],
    ],
    tests: ['packages/core/test/read-cache-bound'],
    only: 'is not cached without the epochs',
  },
  {
    name: 'a feed believed for ever',
    file: core('feed'),
    edits: [['performance.now() - toldUpTo < MAX_LAG', 'toldUpTo > -1']],
    tests: ['packages/core/test/read-cache-bound'],
    only: 'the bound of the read cache',
  },
  {
    name: 'signals that are not looked at once the feed is back',
    file: core('signals'),
    edits: [['live: () => this.#sweep()', 'live: () => {}']],
    tests: ['packages/core/test/signals-outages'],
    only: 'once the feed is back',
  },
  {
    name: 'an expiry reported by all who meet it',
    file: core('expiry'),
    edits: [['lastSeenAt }))) return false', 'lastSeenAt }))) await remove(sessionId)']],
    tests: ['packages/core/test/expiry'],
    only: 'reported once',
  },
]
