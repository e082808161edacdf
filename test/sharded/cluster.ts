import { MongoClient } from 'mongodb'
import { resolveSharding } from '../../tools/mongod.ts'
import { initiate, startNode } from '../faults/replica-set.ts'
import { createMachine, type Server } from '../faults/server.ts'

export interface ShardedCluster extends AsyncDisposable {
  /** Of the mongos. */
  readonly uri: string
  /** One node each. */
  readonly shards: readonly Server[]
}

/** A mongos, two shards and a config server, all of one node. */
export async function startShardedCluster(): Promise<ShardedCluster> {
  const binary = await resolveSharding(() => {})
  const machine = await createMachine(binary)
  try {
    const [config, ...shards] = await Promise.all([
      startNode(machine, 'config', '--configsvr'),
      startNode(machine, 'shard-0', '--shardsvr'),
      startNode(machine, 'shard-1', '--shardsvr'),
    ])
    await Promise.all([
      initiate('config', [config], { configsvr: true }),
      ...shards.map((shard, index) => initiate(`shard-${index}`, [shard])),
    ])
    const mongos = await machine.mongos('--configdb', `config/${config.address}`)
    await mongos.start()
    const uri = `mongodb://${mongos.address}/`
    for (const [index, { address }] of shards.entries()) {
      await admin(uri, { addShard: `shard-${index}/${address}` })
    }
    return { uri, shards, [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose]() }
  } catch (error) {
    await machine[Symbol.asyncDispose]()
    throw error
  }
}

/** As the documentation of the store says: by hashed `_id`. */
export async function shardByHashedId(uri: string, namespace: string): Promise<void> {
  await admin(uri, { shardCollection: namespace, key: { _id: 'hashed' } })
}

async function admin(uri: string, command: Record<string, unknown>): Promise<void> {
  const client = new MongoClient(uri)
  try {
    await client.db('admin').command(command)
  } finally {
    await client.close()
  }
}
