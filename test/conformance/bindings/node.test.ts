import { bindingConformance } from '@adjourn/core/testing'
import { describe, it } from 'vitest'
import { startNodeHttp } from './node-app.ts'
import { nodeNative } from './node-native.ts'
import { onEachStore } from './stores.ts'

const binding = { start: startNodeHttp, native: nodeNative() }

onEachStore('bindings_node', (createStore) => {
  bindingConformance({ describe, it }, { ...binding, createStore })
})
