import { build } from 'esbuild'
import { Miniflare } from 'miniflare'
import { fileURLToPath } from 'node:url'
import wrangler from '../wrangler.json' with { type: 'json' }

export interface LocalOptions {
  /** What `wrangler secret put SESSION_SECRETS` sets. */
  readonly secrets: string
  /** Default: a free one. */
  readonly port?: number
}

/** What `wrangler dev` does: bundles the worker, and runs it in Cloudflare's own runtime. */
export async function startLocally({ secrets, port = 0 }: LocalOptions): Promise<Miniflare> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`../${wrangler.main}`, import.meta.url))],
    bundle: true,
    format: 'esm',
    target: 'esnext',
    // As wrangler has them, behind the one by which this repository's packages are their sources.
    conditions: ['@adjourn/source', 'workerd', 'worker', 'browser'],
    write: false,
  })
  const worker = new Miniflare({
    modules: true,
    script: outputFiles[0]?.text ?? '',
    compatibilityDate: wrangler.compatibility_date,
    bindings: { SESSION_SECRETS: secrets },
    host: '127.0.0.1',
    port,
    // Else it asks Cloudflare what a request from here would look like there.
    cf: false,
  })
  await worker.ready
  return worker
}
