import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { type CutFinder, createPlannedCuts, type PlannedCut } from './planned-cuts.ts'

export type TcpProxy = {
  port: number
  /** The same URL, through the proxy. */
  proxiedUrl: (url: string) => string
  /** Resets all connections; new ones are still accepted. */
  cut: () => void
  /** Keeps connections open and accepts new ones, but holds the bytes of one direction, or of both. */
  stall: (direction?: Direction) => void
  /** Forwards the held bytes, and later ones. */
  resume: () => void
  /** Accepts no new connections; open ones stay. */
  refuse: () => void
  /** Accepts new connections again, on the same port. */
  accept: () => Promise<void>
  /**
   * Once a client sends these bytes, forwards them and waits for the server's answer. It then withholds the answer and
   * resets the connection: the client never learns what the server did. The client must not be waiting for another
   * answer when it sends them, and encrypted bytes are never found. It happens once.
   *
   * @returns when it has happened
   */
  cutAfterClientSends: (text: string) => Promise<void>
  /** Once a client sends these bytes, resets its connection instead: the server never receives all of them. Once. */
  cutBeforeForwarding: (text: string) => Promise<void>
  /** Resets all connections and accepts no more. */
  close: () => void
}

export type Direction = 'to-server' | 'to-client'

type Connection = {
  client: Socket
  server: Socket
  findCut: CutFinder
  /** Set from when the server has the bytes that cause the cut until the server answers. */
  cutAtAnswer: PlannedCut | null
}

/** Starts a proxy on a free port of the loopback in front of a server, with the faults that tests need. */
export async function startTcpProxy(target: { port: number }): Promise<TcpProxy> {
  const connections = new Set<Connection>()
  const stalled = new Set<Direction>()
  const cuts = createPlannedCuts()

  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const server = connect({ port: target.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    const connection: Connection = { client, server, findCut: cuts.createFinder(), cutAtAnswer: null }
    connections.add(connection)
    client.once('close', (hadError) => removeConnection(connection, hadError))
    server.once('close', (hadError) => removeConnection(connection, hadError))
    pipeSockets(connection)
    applyStall(connection)
  })

  function removeConnection(connection: Connection, hadError: boolean): void {
    if (hadError) reset(connection)
    if (connection.client.destroyed && connection.server.destroyed) connections.delete(connection)
  }

  function applyStall({ client, server }: Connection): void {
    if (stalled.has('to-server')) client.pause()
    else client.resume()
    if (stalled.has('to-client')) server.pause()
    else server.resume()
  }

  const cut = () => connections.forEach(reset)
  const port = await listen(listener, 0)
  return {
    port,
    proxiedUrl: (url) => Object.assign(new URL(url), { port: String(port) }).href,
    cut,
    stall: (direction) => {
      for (const each of direction ? [direction] : (['to-server', 'to-client'] as const)) stalled.add(each)
      connections.forEach(applyStall)
    },
    resume: () => {
      stalled.clear()
      connections.forEach(applyStall)
    },
    refuse: () => void listener.close(),
    accept: async () => void (await listen(listener, port)),
    cutAfterClientSends: (text) => cuts.plan(text, true),
    cutBeforeForwarding: (text) => cuts.plan(text, false),
    close: () => {
      listener.close()
      cut()
    },
  }
}

function pipeSockets(connection: Connection): void {
  const { client, server } = connection
  client.on('error', () => {}) // `close` follows and reports it
  server.on('error', () => {})
  client.on('end', () => server.end())
  server.on('end', () => client.end())
  client.on('data', (bytes) => {
    const cut = connection.findCut(bytes)
    if (cut && !cut.isForwarded) return executeCut(cut, connection)
    connection.cutAtAnswer ??= cut
    server.write(bytes)
  })
  server.on('data', (bytes) => {
    if (connection.cutAtAnswer) executeCut(connection.cutAtAnswer, connection)
    else client.write(bytes)
  })
}

function executeCut(cut: PlannedCut, connection: Connection): void {
  reset(connection)
  cut.onCut()
}

function reset({ client, server }: Connection): void {
  for (const socket of [client, server]) if (!socket.destroyed) socket.resetAndDestroy()
}

async function listen(listener: Server, port: number): Promise<number> {
  listener.listen(port, '127.0.0.1')
  await once(listener, 'listening')
  return (listener.address() as AddressInfo).port
}
