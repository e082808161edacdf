export { customStore } from './custom-store.ts'
export { openFile, sqliteTexts } from './texts.ts'
export type { Texts } from './texts.ts'
