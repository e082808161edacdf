import { bindingConformance } from '@adjourn/core/testing'
import { beforeEach, describe, it, vi } from 'vitest'
import { inProcess, startHono } from './hono-app.ts'
import { honoNative } from './hono-native.ts'
import { onEachStore } from './stores.ts'

const binding = { start: startHono(inProcess), native: honoNative(inProcess) }

beforeEach(() => {
  // Hono shows every error that it answers with 500.
  vi.spyOn(console, 'error').mockReturnValue()
})

onEachStore('bindings_hono', (createStore) => {
  bindingConformance({ describe, it }, { ...binding, createStore })
})
