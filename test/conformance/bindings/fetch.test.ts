import { bindingConformance } from '@adjourn/core/testing'
import { beforeEach, describe, it, vi } from 'vitest'
import { inProcess, startFetch } from './fetch-app.ts'
import { fetchNative } from './fetch-native.ts'
import { onEachStore } from './stores.ts'

const binding = { start: startFetch(inProcess), native: fetchNative(inProcess) }

beforeEach(() => {
  // What it answers with 500 is shown.
  vi.spyOn(console, 'error').mockReturnValue()
})

onEachStore('bindings_fetch', (createStore) => {
  bindingConformance({ describe, it }, { ...binding, createStore })
})
