import { bindingConformance } from '@adjourn/core/testing'
import { beforeEach, describe, it, vi } from 'vitest'
import { startNode } from './node-app.ts'
import { nodeNative } from './node-native.ts'
import { onEachStore } from './stores.ts'

const binding = { start: startNode, native: nodeNative() }

beforeEach(() => {
  // What it answers with 500 is shown.
  vi.spyOn(console, 'error').mockReturnValue()
})

onEachStore('bindings_node', (createStore) => {
  bindingConformance({ describe, it }, { ...binding, createStore })
})
