/** What the process says of itself, where there is a process. */
function nodeEnv(): string | undefined {
  const host = globalThis as { process?: { env?: Record<string, string | undefined> } }
  return host.process?.env?.['NODE_ENV']
}

export function inProduction(): boolean {
  return nodeEnv() === 'production'
}

// The only writers to the console in the packages. `warn` has two callers: the memory store in
// production, and the warnings of development (findings.ts).
export function warn(message: string): void {
  try {
    console.warn(`[adjourn] ${message}`)
  } catch {
    // A console that throws, as strict test set-ups have: no request fails by a warning.
  }
}
