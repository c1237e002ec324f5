import { connect, type Socket } from 'node:net'

export type Lanes = {
  /** Asks once more in that lane, one request after another. */
  request(lane: number): Promise<{ status: number }>
  close(): void
}

const END_OF_HEAD = Buffer.from('\r\n\r\n')
const END_OF_CHUNKS = Buffer.from('0\r\n\r\n')
const READ_BYTES = 256 * 1024

/**
 * One GET, asked again and again over `count` connections that stay open, and the answers only measured. The client
 * shares two cores with the server it measures: Node's own takes longer for a request than either server for its answer.
 */
export async function openLanes(count: number, url: string, headers: Record<string, string>): Promise<Lanes> {
  const { hostname, port, pathname, search, host } = new URL(url)
  const head = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  const request = Buffer.from(`GET ${pathname}${search} HTTP/1.1\r\n${head.join('')}\r\n`)
  const lanes = await Promise.all(Array.from({ length: count }, () => openConnection(hostname, Number(port), request)))
  return {
    request(lane) {
      const connection = lanes[lane]
      if (!connection) throw new Error(`there is no lane ${lane}`)
      return connection.ask()
    },
    close() {
      for (const lane of lanes) lane.close()
    },
  }
}

async function openConnection(host: string, port: number, request: Buffer) {
  let reader = new ResponseReader()
  let pending: { resolve: (answer: { status: number }) => void; reject: (error: Error) => void } | null = null
  const socket = await connectSocket(host, port, (chunk) => {
    const status = reader.read(chunk)
    if (status === null) return
    reader = new ResponseReader()
    pending?.resolve({ status })
    pending = null
  })
  const fail = (error: Error) => pending?.reject(error)
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('the server closed the connection')))
  return {
    ask: () =>
      new Promise<{ status: number }>((resolve, reject) => {
        pending = { resolve, reject }
        socket.write(request)
      }),
    close: () => socket.destroy(),
  }
}

/** @param onChunk is given what comes, in a buffer that is used again: an answer that is only counted is not copied */
function connectSocket(host: string, port: number, onChunk: (chunk: Buffer) => void): Promise<Socket> {
  const buffer = Buffer.allocUnsafe(READ_BYTES)
  const onread = {
    buffer,
    callback(length: number) {
      onChunk(buffer.subarray(0, length))
      return true
    },
  }
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, onread }, () => resolve(socket))
    socket.once('error', reject)
  })
}

/** One answer as it comes in: its head is read, of its body only the length. */
class ResponseReader {
  #head: Buffer = Buffer.alloc(0)
  #status: number | null = null
  /** Of the body; null where it comes in chunks. */
  #remainingBytes: number | null = null
  #bodyTail: Buffer = Buffer.alloc(0)

  /** @returns the status once the answer is here in whole; null before */
  read(chunk: Buffer): number | null {
    const body = this.#status === null ? this.#readHead(chunk) : chunk
    if (body === null || this.#status === null) return null
    if (this.#remainingBytes === null) {
      this.#bodyTail = Buffer.concat([this.#bodyTail, body.subarray(-END_OF_CHUNKS.length)]).subarray(
        -END_OF_CHUNKS.length,
      )
      return this.#bodyTail.equals(END_OF_CHUNKS) ? this.#status : null
    }
    this.#remainingBytes -= body.length
    return this.#remainingBytes <= 0 ? this.#status : null
  }

  /** @returns what came of the body; null while the head is not here in whole */
  #readHead(chunk: Buffer): Buffer | null {
    const received = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk])
    const headLength = received.indexOf(END_OF_HEAD)
    if (headLength < 0) {
      this.#head = Buffer.from(received)
      return null
    }
    const head = received.toString('latin1', 0, headLength)
    const status = Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length))
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
    this.#status = status
    if (status === 304) this.#remainingBytes = 0
    else this.#remainingBytes = length === undefined ? null : Number(length)
    return received.subarray(headLength + END_OF_HEAD.length)
  }
}
