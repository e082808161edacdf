/**
 * `npm run fixtures`: keeps what this version writes, so that every later one is tried with it. Part
 * of a release; refuses to touch the fixtures of a version that has some.
 */
import { startMongod } from '../../tools/mongod.ts'
import { publishedPackages } from './published.ts'
import { writeFixtures } from './versions/fixtures.ts'
import { thisVersion } from './versions/version.ts'

const packages = await publishedPackages()
const version = packages.find(({ name }) => name === '@adjourn/core')?.version
if (version === undefined) throw new Error('packages/core has no version')
const server = await startMongod({ replicaSet: 1 })
try {
  await writeFixtures(version, thisVersion, server.uri)
  console.log(`fixtures: written for ${version}`)
} finally {
  await server.stop()
}
