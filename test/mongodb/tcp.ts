import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

export interface TcpServer extends AsyncDisposable {
  readonly address: string
}

export interface Proxy extends TcpServer {
  /** From here on nothing gets through, in either direction, and nobody is told. */
  hang(): void
  resume(): void
  /** The connections that are open now hang for good; new ones work. */
  hangOpen(): void
}

async function listen(server: Server, sockets: Set<Socket>): Promise<TcpServer> {
  server.on('connection', (socket) => keep(socket, sockets))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    address: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
      if (server.listening) await once(server, 'close')
    },
  }
}

function keep(socket: Socket, sockets: Set<Socket>): void {
  sockets.add(socket)
  socket.on('error', () => {})
  socket.on('close', () => sockets.delete(socket))
}

/** Accepts every connection and never says a word. */
export async function silentServer(): Promise<TcpServer> {
  return listen(createServer(), new Set())
}

/** Passes everything on to `target`, a host and a port. */
export async function proxyTo(target: string): Promise<Proxy> {
  const { hostname, port } = new URL(`tcp://${target}`)
  const sockets = new Set<Socket>()
  const held: (() => void)[] = []
  let hanging = false
  let hangingForGood = new WeakSet<Socket>()

  function forward(from: Socket, to: Socket): void {
    from.on('data', (chunk) => {
      if (hangingForGood.has(from)) return
      const send = (): void => void to.write(chunk)
      if (hanging) held.push(send)
      else send()
    })
    from.on('close', () => to.destroy())
  }

  const server = createServer((inner) => {
    const outer = connect(Number(port), hostname)
    keep(outer, sockets)
    forward(inner, outer)
    forward(outer, inner)
  })
  return {
    ...(await listen(server, sockets)),
    hang() {
      hanging = true
    },
    resume() {
      hanging = false
      for (const send of held.splice(0)) send()
    },
    hangOpen() {
      hangingForGood = new WeakSet(sockets)
    },
  }
}
