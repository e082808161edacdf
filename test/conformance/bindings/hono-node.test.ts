import { bindingConformance } from '@adjourn/core/testing'
import { beforeEach, describe, it, vi } from 'vitest'
import { onNodeServer, startHono } from './hono-app.ts'
import { honoNative } from './hono-native.ts'
import { onEachStore } from './stores.ts'

const binding = { start: startHono(onNodeServer), native: honoNative(onNodeServer) }

beforeEach(() => {
  // Hono shows every error that it answers with 500.
  vi.spyOn(console, 'error').mockReturnValue()
})

onEachStore('bindings_hono_node', (createStore) => {
  bindingConformance({ describe, it }, { ...binding, createStore })
})
