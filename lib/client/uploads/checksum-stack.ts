import type { HttpRequest, HttpStack } from 'tus-js-client'
import { AppError } from '@/lib/errors'

/**
 * Sends the SHA-256 of each chunk with it. The hooks of the library do not see the bytes of a request, so this wraps the
 * requests that it sends.
 *
 * A browser computes no digests on a page over plain http, except on this machine. Chunks then go without a checksum.
 */
export class ChecksumStack implements HttpStack {
  readonly #stack: HttpStack

  constructor(stack: HttpStack) {
    this.#stack = stack
  }

  createRequest(method: string, url: string): HttpRequest {
    return new ChecksumRequest(this.#stack.createRequest(method, url))
  }

  getName(): string {
    return 'ChecksumStack'
  }
}

class ChecksumRequest implements HttpRequest {
  readonly #request: HttpRequest
  #isAborted = false

  constructor(request: HttpRequest) {
    this.#request = request
  }

  getMethod(): string {
    return this.#request.getMethod()
  }

  getURL(): string {
    return this.#request.getURL()
  }

  setHeader(header: string, value: string): void {
    this.#request.setHeader(header, value)
  }

  getHeader(header: string): string | undefined {
    return this.#request.getHeader(header)
  }

  setProgressHandler(handler: (bytesSent: number) => void): void {
    this.#request.setProgressHandler(handler)
  }

  async send(body: unknown) {
    if (body instanceof Uint8Array) {
      const checksum = await sha256(body as Uint8Array<ArrayBuffer>)
      if (this.#isAborted) throw new AppError('cancelled', 'The upload was stopped.')
      if (checksum !== null) this.setHeader('Upload-Checksum', `sha256 ${checksum}`)
    }
    return this.#request.send(body)
  }

  abort(): Promise<void> {
    this.#isAborted = true
    return this.#request.abort()
  }

  getUnderlyingObject(): unknown {
    return this.#request.getUnderlyingObject()
  }
}

/** In base64; null where the browser computes none. */
async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string | null> {
  const { subtle } = crypto as Partial<Crypto>
  if (subtle === undefined) return null
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes))
  return btoa(String.fromCharCode(...digest))
}
