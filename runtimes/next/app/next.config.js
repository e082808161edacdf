import { join } from 'node:path'

/** @type {import('next').NextConfig} */
export default {
  // It has no build of its own, as the examples have none.
  transpilePackages: ['@adjourn/example-accounts'],
  // Where the packages are; Next would look for a lockfile further up.
  turbopack: { root: join(import.meta.dirname, '..') },
  // The app is built once.
  experimental: { turbopackFileSystemCacheForBuild: false },
}
