import { bindingConformance } from '@adjourn/core/testing'
import { describe, it } from 'vitest'
import { onNodeServer, startFetch } from './fetch-app.ts'
import { fetchNative } from './fetch-native.ts'

// The other stores have been in fetch.test.ts: a server brings Request and Response of its own alone.
bindingConformance(
  { describe, it },
  { start: startFetch(onNodeServer), native: fetchNative(onNodeServer) },
)
