/**
 * Kills servers whose test process has gone without doing so, however it went: its end of the pipe
 * closes with it. Reads lines: `+pid`, `-pid`, `folder path`.
 */
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'

const pids = new Set<number>()
const folders = new Set<string>()

for await (const line of createInterface(process.stdin)) {
  const [word = '', path = ''] = line.split(/ (.*)/)
  if (word === 'folder') folders.add(path)
  else if (word.startsWith('+')) pids.add(Number(word))
  else pids.delete(-Number(word))
}
for (const pid of pids) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Gone already.
  }
}
for (const folder of folders) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
}
