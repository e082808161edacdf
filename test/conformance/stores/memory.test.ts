import { memoryStore } from '@adjourn/core'
import { storeConformance } from '@adjourn/core/testing'
import { describe, it } from 'vitest'

storeConformance(
  { describe, it },
  { name: 'memoryStore', feed: true, create: async () => ({ store: memoryStore() }) },
)
