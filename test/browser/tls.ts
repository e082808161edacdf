/** Https for any server of a test, with a certificate that the tests' Chromium takes. */
import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { createServer } from 'node:tls'

const FOLDER = join(import.meta.dirname, 'certificate')

const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8')

/** How Chromium names a key. */
export function certificateHash(): string {
  const { publicKey } = new X509Certificate(read('certificate.pem'))
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(spki).digest('base64')
}

export interface TlsFront {
  readonly port: number
  close(): Promise<void>
}

/** Decrypts what comes and passes it on to the server on this port. */
export async function listenTls(port: number): Promise<TlsFront> {
  const sockets = new Set<Socket>()
  const server = createServer(
    { key: read('key.pem'), cert: read('certificate.pem') },
    (outside) => {
      const inside = connect(port, '127.0.0.1')
      for (const socket of [outside, inside]) {
        sockets.add(socket)
        socket.on('close', () => {
          sockets.delete(socket)
          outside.destroy()
          inside.destroy()
        })
        // A browser that leaves resets its connections.
        socket.on('error', () => {})
      }
      outside.pipe(inside).pipe(outside)
    },
  )
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}
