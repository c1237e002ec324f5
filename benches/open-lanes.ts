import { connect, type Socket } from 'node:net'

export type Lanes = {
  /** Sends the next request in that lane, when the previous one has its response. */
  request(lane: number): Promise<{ status: number }>
  close(): void
}

const END_OF_HEAD = Buffer.from('\r\n\r\n')
const END_OF_CHUNKS = Buffer.from('0\r\n\r\n')
const READ_BYTES = 256 * 1024

/**
 * Sends one GET again and again over `count` connections that stay open, and only measures the responses. The client
 * shares two cores with the server, and Node's own client takes longer for a request than either server for its
 * response.
 */
export async function openLanes(count: number, url: string, headers: Record<string, string>): Promise<Lanes> {
  const { hostname, port, pathname, search, host } = new URL(url)
  const head = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  const request = Buffer.from(`GET ${pathname}${search} HTTP/1.1\r\n${head.join('')}\r\n`)
  const lanes = await Promise.all(Array.from({ length: count }, () => openConnection(hostname, Number(port), request)))
  return {
    request(lane) {
      const connection = lanes[lane]
      if (!connection) throw new Error(`There is no lane ${lane}.`)
      return connection.send()
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
  socket.on('close', () => fail(new Error('The server closed the connection.')))
  return {
    send: () =>
      new Promise<{ status: number }>((resolve, reject) => {
        pending = { resolve, reject }
        socket.write(request)
      }),
    close: () => socket.destroy(),
  }
}

/**
 * @param onChunk receives the bytes in a buffer that is reused, because a response that is only counted is not copied
 */
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

/** Parses one response as it arrives: its head, and of its body only the length. */
class ResponseReader {
  #head: Buffer = Buffer.alloc(0)
  #status: number | null = null
  /** Bytes left of the body; null if it is chunked. */
  #remainingBytes: number | null = null
  #bodyTail: Buffer = Buffer.alloc(0)

  /** @returns the status when the response is complete, null before */
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

  /** @returns the bytes of the body that arrived, null while the head is incomplete */
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
