import { connect } from 'node:net'

/** A connection on which a test writes what no client library would, and reads what comes back. */
export class RawClient {
  readonly #socket
  #received = ''
  /** Everything that came, once the server has closed the connection; a reset is a rejection. */
  readonly closed: Promise<string>

  constructor(port: number) {
    const socket = connect(port, '127.0.0.1')
    this.#socket = socket
    socket.on('data', (bytes: Buffer) => (this.#received += bytes.toString('latin1')))
    this.closed = new Promise((resolve, reject) => {
      socket.once('error', reject)
      socket.once('close', () => resolve(this.#received))
    })
    // Callers that wait for other data do not have to handle the end of the connection.
    this.closed.catch(() => {})
  }

  get isClosed(): boolean {
    return this.#socket.closed
  }

  /** Resolves once the operating system has taken all of it. */
  write(text: string | Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(text, (error) => (error ? reject(error) : resolve()))
    })
  }

  /** Takes nothing of what the server sends, as a client that sends all of its request first. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** What came so far, once it has this text in it. */
  async waitFor(text: string): Promise<string> {
    while (!this.#received.includes(text)) {
      if (this.#socket.closed) throw new Error(`The connection was closed before ${JSON.stringify(text)}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    return this.#received
  }

  close(): void {
    this.#socket.destroy()
  }
}

/** Sends a request without a body and gives the answer whole; nothing where the server closed without one. */
export async function sendRaw(port: number, method: string, address: string): Promise<string> {
  const client = new RawClient(port)
  const head = `${method} ${address} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`
  await client.write(Buffer.from(head, 'latin1'))
  return client.closed
}

/** Of the last answer in what was received; null where there is none. */
export function lastStatus(received: string): number | null {
  const status = [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].at(-1)?.[1]
  return status === undefined ? null : Number(status)
}
