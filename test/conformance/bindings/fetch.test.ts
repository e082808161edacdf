import { bindingConformance } from '@adjourn/core/testing'
import { describe, it } from 'vitest'
import { inProcess, startFetch } from './fetch-app.ts'
import { fetchNative } from './fetch-native.ts'
import { onEachStore } from './stores.ts'

const binding = { start: startFetch(inProcess), native: fetchNative(inProcess) }

onEachStore('bindings_fetch', (createStore) => {
  bindingConformance({ describe, it }, { ...binding, createStore })
})
