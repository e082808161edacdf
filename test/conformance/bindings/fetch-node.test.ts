import { bindingConformance } from '@adjourn/core/testing'
import { beforeEach, describe, it, vi } from 'vitest'
import { onNodeServer, startFetch } from './fetch-app.ts'
import { fetchNative } from './fetch-native.ts'

beforeEach(() => {
  // What it answers with 500 is shown.
  vi.spyOn(console, 'error').mockReturnValue()
})

// The other stores have been in fetch.test.ts: a server brings Request and Response of its own alone.
bindingConformance(
  { describe, it },
  { start: startFetch(onNodeServer), native: fetchNative(onNodeServer) },
)
