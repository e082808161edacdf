export { createApp } from './app.ts'
export type { App, AppOptions } from './app.ts'
export { CLIENT_ID, CLIENT_SECRET, createProvider } from './provider.ts'
export type { ProviderOptions } from './provider.ts'
