export { createApp } from './app.ts'
export { acceptSockets } from './websocket.ts'
