import { connect, type Socket } from 'node:net'

export type Lanes = {
  /** Asks once more in that lane, one request after another. */
  ask(lane: number): Promise<{ status: number }>
  close(): void
}

const END_OF_HEAD = Buffer.from('\r\n\r\n')
const END_OF_CHUNKS = Buffer.from('0\r\n\r\n')

/**
 * One GET, asked again and again over `count` connections that stay open, and the answers only measured. The client
 * shares two cores with the server it measures: Node's own takes longer for a request than either server for its answer.
 */
export async function openLanes(count: number, url: string, headers: Record<string, string>): Promise<Lanes> {
  const { hostname, port, pathname, search, host } = new URL(url)
  const head = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  const request = Buffer.from(`GET ${pathname}${search} HTTP/1.1\r\n${head.join('')}\r\n`)
  const lanes = await Promise.all(Array.from({ length: count }, () => openLane(hostname, Number(port), request)))
  return {
    ask(lane) {
      const open = lanes[lane]
      if (!open) throw new Error(`there is no lane ${lane}`)
      return open.ask()
    },
    close() {
      for (const lane of lanes) lane.close()
    },
  }
}

async function openLane(hostname: string, port: number, request: Buffer) {
  const socket = await connected(hostname, port)
  let received: Buffer = Buffer.alloc(0)
  let waiting: { resolve: (answer: { status: number }) => void; reject: (error: Error) => void } | null = null
  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    const status = statusOfWhole(received)
    if (status === null) return
    received = Buffer.alloc(0)
    waiting?.resolve({ status })
    waiting = null
  })
  const fail = (error: Error) => waiting?.reject(error)
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('the server closed the connection')))
  return {
    ask: () =>
      new Promise<{ status: number }>((resolve, reject) => {
        waiting = { resolve, reject }
        socket.write(request)
      }),
    close: () => socket.destroy(),
  }
}

function connected(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true }, () => resolve(socket))
    socket.once('error', reject)
  })
}

/** @returns null while the answer is not here in whole */
function statusOfWhole(received: Buffer): number | null {
  const headLength = received.indexOf(END_OF_HEAD)
  if (headLength < 0) return null
  const head = received.toString('latin1', 0, headLength)
  const status = Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length))
  if (status === 304) return status
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  const isWhole =
    length === undefined
      ? received.subarray(-END_OF_CHUNKS.length).equals(END_OF_CHUNKS)
      : received.length >= headLength + END_OF_HEAD.length + Number(length)
  return isWhole ? status : null
}
