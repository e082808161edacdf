/** What the example uses of miniflare 4. */
export class Miniflare {
  constructor(options: {
    readonly modules: true
    readonly script: string
    readonly compatibilityDate: string
    readonly bindings: Readonly<Record<string, string>>
    readonly host: string
    readonly port: number
    readonly cf: false
  })
  /** Where it listens. */
  readonly ready: Promise<URL>
  dispose(): Promise<void>
}
