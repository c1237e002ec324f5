import type { HttpRequest, HttpResponse, HttpStack } from 'tus-js-client'
import { USER_STATE_HEADER } from '@/lib/contract/shapes/plain-values'
import { AppError, type ErrorCode } from '@/lib/errors'

/**
 * Sends the SHA-256 of each chunk with it, and does not take an upload for gone that the server cannot look up now. The
 * hooks of the library neither see the bytes of a request nor change what follows from a response, so this wraps the
 * requests that it sends.
 */
export class ChecksumStack implements HttpStack {
  readonly #stack: HttpStack
  readonly #checksumOf: ChecksumOf

  constructor(stack: HttpStack, checksumOf: ChecksumOf) {
    this.#stack = stack
    this.#checksumOf = checksumOf
  }

  createRequest(method: string, url: string): HttpRequest {
    return new ChecksumRequest(this.#stack.createRequest(method, url), this.#checksumOf)
  }

  getName(): string {
    return 'ChecksumStack'
  }
}

/** In base64; null for a body without one. */
type ChecksumOf = (body: unknown) => string | null

class ChecksumRequest implements HttpRequest {
  readonly #request: HttpRequest
  readonly #checksumOf: ChecksumOf
  #isAborted = false

  constructor(request: HttpRequest, checksumOf: ChecksumOf) {
    this.#request = request
    this.#checksumOf = checksumOf
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
    // The chunk may have been read after that.
    if (this.#isAborted) throw new AppError('cancelled', 'The upload was stopped.')
    const checksum = this.#checksumOf(body)
    if (checksum !== null) this.setHeader('Upload-Checksum', `sha256 ${checksum}`)
    const response = await this.#request.send(body)
    if (this.getMethod() === 'HEAD') requireOffset(response)
    return response
  }

  abort(): Promise<void> {
    this.#isAborted = true
    return this.#request.abort()
  }

  getUnderlyingObject(): unknown {
    return this.#request.getUnderlyingObject()
  }
}

/** Why a server does not say how many bytes of an upload it has: the response to HEAD has no body. */
const REFUSALS: Partial<Record<number, readonly [ErrorCode, string]>> = {
  401: ['unauthenticated', 'Your session has ended.'],
  403: ['forbidden', 'You may no longer write the table of this upload.'],
  429: ['too-many-requests', 'The server has too many requests at the moment.'],
}

/**
 * The library begins another upload, with the first byte, whatever it is that stops the server from answering. Only one
 * that is gone is begun again.
 *
 * @throws {AppError}
 */
function requireOffset(response: HttpResponse): void {
  const status = response.getStatus()
  if (status < 400 || status === 404 || status === 410) return
  const [code, detail] = REFUSALS[status] ?? ['server-unreachable', `The server does not answer (status ${status}).`]
  const userState = response.getHeader(USER_STATE_HEADER)
  if (userState === 'disabled') throw new AppError(code, 'Your user was disabled.', { facts: { userState } })
  throw new AppError(code, detail)
}
