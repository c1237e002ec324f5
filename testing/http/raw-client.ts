import { connect } from 'node:net'

/** A raw connection: a test writes requests that no client library would send, and reads the response. */
export class RawClient {
  readonly #socket
  #received = ''
  /** All received text, once the server has closed the connection. Rejects on a reset. */
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

  /** Does not read the server's response, like a client that sends its whole request first. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** The text received so far, once it contains this text. */
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

/**
 * Sends a request without a body and returns the whole response; empty when the server closed the connection without
 * one.
 */
export async function sendRaw(port: number, method: string, address: string, accept?: string): Promise<string> {
  const client = new RawClient(port)
  const accepted = accept === undefined ? '' : `Accept: ${accept}\r\n`
  const head = `${method} ${address} HTTP/1.1\r\nHost: 127.0.0.1\r\n${accepted}Connection: close\r\n\r\n`
  await client.write(Buffer.from(head, 'latin1'))
  return client.closed
}

/** The status of the last response in the received text, or null. */
export function lastStatus(received: string): number | null {
  const status = [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].at(-1)?.[1]
  return status === undefined ? null : Number(status)
}
