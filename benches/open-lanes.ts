import { connect, type Socket } from 'node:net'

export type Lanes = {
  /** Asks once more in that lane, one request after another. */
  ask(lane: number): Promise<{ status: number }>
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

async function openLane(host: string, port: number, request: Buffer) {
  let answer = new AnswerCount()
  let waiting: { resolve: (answer: { status: number }) => void; reject: (error: Error) => void } | null = null
  const socket = await connected(host, port, (chunk) => {
    const status = answer.take(chunk)
    if (status === null) return
    answer = new AnswerCount()
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

/** @param take is given what comes, in a buffer that is used again: an answer that is only counted is not copied */
function connected(host: string, port: number, take: (chunk: Buffer) => void): Promise<Socket> {
  const buffer = Buffer.allocUnsafe(READ_BYTES)
  const onread = {
    buffer,
    callback(length: number) {
      take(buffer.subarray(0, length))
      return true
    },
  }
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, onread }, () => resolve(socket))
    socket.once('error', reject)
  })
}

/** One answer as it comes in: its head is read, of its body only the length. */
class AnswerCount {
  #head: Buffer = Buffer.alloc(0)
  #status: number | null = null
  /** Of the body; null where it comes in chunks. */
  #leftBytes: number | null = null
  #end: Buffer = Buffer.alloc(0)

  /** @returns the status once the answer is here in whole; null before */
  take(chunk: Buffer): number | null {
    const body = this.#status === null ? this.#takeHead(chunk) : chunk
    if (body === null || this.#status === null) return null
    if (this.#leftBytes === null) {
      this.#end = Buffer.concat([this.#end, body.subarray(-END_OF_CHUNKS.length)]).subarray(-END_OF_CHUNKS.length)
      return this.#end.equals(END_OF_CHUNKS) ? this.#status : null
    }
    this.#leftBytes -= body.length
    return this.#leftBytes <= 0 ? this.#status : null
  }

  /** @returns what came of the body; null while the head is not here in whole */
  #takeHead(chunk: Buffer): Buffer | null {
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
    if (status === 304) this.#leftBytes = 0
    else this.#leftBytes = length === undefined ? null : Number(length)
    return received.subarray(headLength + END_OF_HEAD.length)
  }
}
