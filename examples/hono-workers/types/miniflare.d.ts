/** What the example and the tests of the runtimes use of miniflare 4. */
export class Miniflare {
  constructor(options: {
    readonly modules: true
    readonly script: string
    readonly compatibilityDate: string
    readonly compatibilityFlags?: readonly string[]
    readonly handleRuntimeStdio?: (
      stdout: NodeJS.ReadableStream,
      stderr: NodeJS.ReadableStream,
    ) => void
    readonly bindings: Readonly<Record<string, string>>
    readonly host: string
    readonly port: number
    readonly cf: false
  })
  /** Where it listens. */
  readonly ready: Promise<URL>
  dispose(): Promise<void>
}
