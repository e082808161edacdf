/**
 * Test suites and tools for those who write stores, bindings or apps on Adjourn.
 *
 * @module @adjourn/core/testing
 */
export { bindingConformance } from './binding-conformance.ts'
export type {
  BindingUnderTest,
  Handler,
  Mounted,
  NativeCase,
  Reply,
  Routes,
  RunningApp,
  StartBinding,
} from './binding-port.ts'
export { faultyStore } from './faulty-store.ts'
export type {
  FailOptions,
  FaultyStore,
  PauseOptions,
  StoreCall,
  StoreMoment,
  StoreOperation,
} from './faulty-store.ts'
export { manualClock } from './manual-clock.ts'
export type { ManualClock } from './manual-clock.ts'
export type { Runner } from './runner.ts'
export { storeConformance } from './store-conformance.ts'
export type { StoreConformanceOptions } from './store-conformance.ts'
export type { StoreFault, StoreUnderTest } from './store-subject.ts'
