import { core, type Mutant } from './mutant.ts'

const mongodb = (name: string): string => `packages/mongodb/src/${name}.ts`

/** What the short ways of a read rest on. */
export const READS: Mutant[] = [
  {
    name: 'a document shared by two readers',
    file: mongodb('mongo-store'),
    edits: [['isShared ? copyRecord(record) : record', 'isShared ? record : record']],
    tests: ['test/mongodb/reads'],
    only: 'gives two who read one session a record each',
  },
  {
    name: 'a read that waits beyond its bound for the batch before it',
    file: mongodb('coalesce'),
    edits: [['lookup.reject(this.#limit', 'if (now < 0) lookup.reject(this.#limit']],
    tests: ['packages/mongodb/test/coalesce'],
    only: 'fail at the bound',
  },
  {
    name: 'a read given up where a node steps down',
    file: mongodb('map-error'),
    edits: [['RETRYABLE_READ.has(Number(error.code)) ||', '']],
    tests: ['test/mongodb/failpoints'],
    only: 'reads again after error',
  },
  {
    name: 'an answer over 16 MB cut short',
    file: mongodb('find'),
    edits: [['if (Number(id) === 0) return firstBatch', 'if (Number(id) > -1) return firstBatch']],
    tests: ['test/mongodb/reads'],
    only: 'answers a batch of more than 16 MB',
  },
  {
    name: 'the session of the request that another was made from',
    file: core('kept-sessions'),
    edits: [['kept?.request === request ? kept : undefined', 'kept']],
    tests: ['test/features/kept-sessions'],
    only: 'has a session of its own',
  },
  {
    name: 'a promise of another kind taken for a state',
    file: core('sessions'),
    edits: [["'then' in state", 'state instanceof Promise']],
    tests: ['test/features/kept-sessions'],
    only: 'an outage is not taken for not signed in',
  },
  {
    name: "a load of the app's own passed over",
    file: core('sessions'),
    edits: [["Reflect.get(sessions, 'load')", "Reflect.get(sessions, 'revokeAll')"]],
    tests: ['test/features/kept-sessions'],
    only: 'is called, and may answer with any thenable',
  },
  {
    name: 'the first of two cookies of the name taken',
    file: core('cookie'),
    edits: [['const isOnly = !header.includes(`${name}=`, from)', 'const isOnly = from > -1']],
    tests: ['packages/core/test/cookie'],
    only: 'finds what the parser finds in each pair',
  },
]
