import { bindingConformance } from '@adjourn/core/testing'
import express from 'express4'
import { describe, it } from 'vitest'
import { startExpress } from './express-app.ts'
import { expressNative } from './express-native.ts'
import { onEachStore } from './stores.ts'

const binding = { start: startExpress(express), native: expressNative(express) }

onEachStore('bindings_express4', (createStore) => {
  bindingConformance({ describe, it }, { ...binding, createStore })
})
