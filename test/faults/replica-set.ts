import { MongoClient, type Document } from 'mongodb'
import { resolveBinary } from '../../tools/mongod.ts'
import { createMachine, type Machine, type Server } from './server.ts'
import { until } from './waiting.ts'

export interface ReplicaSet extends AsyncDisposable {
  /** As an app would have it: all nodes and the set's name. */
  readonly uri: string
  readonly nodes: readonly Server[]
  /** Polls until one of these nodes, or of all, is the primary. */
  primary(among?: readonly Server[]): Promise<Server>
  /** Polls until all nodes are up and the primary knows it. */
  healthy(): Promise<void>
}

const NAME = 'faults'

/** Servers take ten seconds by default to find that a primary is gone; a test has less time. */
const ELECTION_TIMEOUT_MS = 2000

/** Three nodes, all alike, on this machine. */
export async function startReplicaSet(...args: readonly string[]): Promise<ReplicaSet> {
  const machine = await createMachine(await resolveBinary(() => {}))
  try {
    const nodes = await Promise.all([1, 2, 3].map(() => startNode(machine, NAME, ...args)))
    await initiate(NAME, nodes)
    const set = describe(machine, nodes)
    await set.healthy()
    return set
  } catch (error) {
    await machine[Symbol.asyncDispose]()
    throw error
  }
}

export async function startNode(
  machine: Machine,
  name: string,
  ...args: readonly string[]
): Promise<Server> {
  const node = await machine.mongod('--replSet', name, ...args)
  await node.start()
  return node
}

export async function initiate(
  name: string,
  nodes: readonly Server[],
  config: Document = {},
): Promise<void> {
  const members = nodes.map(({ address }, index) => ({ _id: index, host: address }))
  const settings = { electionTimeoutMillis: ELECTION_TIMEOUT_MS, heartbeatIntervalMillis: 500 }
  const [first] = nodes
  if (first === undefined) throw new Error('A replica set needs nodes')
  await command(first, { replSetInitiate: { _id: name, members, settings, ...config } })
  await primaryOf(nodes)
}

/** Asks this very server, which may be gone or hung. */
export async function on<T>(server: Server, ask: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(`mongodb://${server.address}/?directConnection=true`, {
    serverSelectionTimeoutMS: 1000,
    connectTimeoutMS: 1000,
    socketTimeoutMS: 10_000,
  })
  try {
    return await ask(client)
  } finally {
    await client.close()
  }
}

export async function command(server: Server, document: Document): Promise<Document> {
  return on(server, (client) => client.db('admin').command(document))
}

async function primaryOf(among: readonly Server[]): Promise<Server> {
  return until('there is a primary', async () => {
    const answers = await Promise.all(
      among.map(async (node) => {
        const hello = await command(node, { hello: 1 }).catch(() => undefined)
        return hello?.['isWritablePrimary'] === true ? node : undefined
      }),
    )
    return answers.find((node) => node !== undefined)
  })
}

function describe(machine: Machine, nodes: readonly Server[]): ReplicaSet {
  const hosts = nodes.map(({ address }) => address).join(',')
  const primary = (among: readonly Server[] = nodes): Promise<Server> => primaryOf(among)
  return {
    uri: `mongodb://${hosts}/?replicaSet=${NAME}`,
    nodes,
    primary,
    async healthy() {
      await until('all nodes are up', async () => {
        const status = await command(await primary(), { replSetGetStatus: 1 }).catch(
          () => undefined,
        )
        const members = (status?.['members'] ?? []) as { stateStr: string }[]
        const up = members.filter(({ stateStr }) => /^(PRIMARY|SECONDARY)$/.test(stateStr))
        return up.length === nodes.length
      })
    },
    [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose](),
  }
}
