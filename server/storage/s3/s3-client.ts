import 'server-only'
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { AppError } from '@/lib/errors'
import { RequestSlots } from '../request-slots'
import type { S3Access } from '../storage-access'
import { bytesOf, exchange } from './http-exchange'
import { type ObjectRef, objectUrl } from './object-url'
import { requestSigner } from './request-signer'
import { S3Refusal, S3Unreachable } from './s3-errors'
import { errorCodeOf } from './s3-xml'

/** Requests to one store at the same time; more wait. */
const MOST_AT_ONCE = 16
const MOST_TRIES = 4
/** Pauses between tries grow from the first, at random below that, so that many clients do not come back at once. */
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000
const MAX_ERROR_BYTES = 64 * 1024
const NO_BYTES_SHA256 = createHash('sha256').digest('hex')

export type S3Request = {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  object: ObjectRef
  query?: Readonly<Record<string, string>>
  /** Names in lower case. */
  headers?: Readonly<Record<string, string>>
  body?: Uint8Array
  signal?: AbortSignal | undefined
}

const OURS_OR_BUGS = [AppError, S3Refusal, TypeError, RangeError]

/** Pauses and patience, so that a test need not wait. */
export type S3Timing = { firstPauseMs?: number; silenceMs?: number }

export type S3Client = {
  /** Of the endpoint, for people. */
  readonly host: string
  readonly silenceMs: number | undefined
  /**
   * Sends a request and takes its answer; both again, a few times, when the store is overloaded or does not answer
   * to the end. Whatever is sent must bear being carried out twice.
   *
   * @param take reads the answer's body, or hands the answer on: the request no longer counts as running then
   * @throws {S3Refusal} also a redirect, which is never followed
   * @throws {S3Unreachable}
   */
  send<Result>(request: S3Request, take: (answer: IncomingMessage) => Promise<Result>): Promise<Result>
}

export function s3Client(access: S3Access, { firstPauseMs = FIRST_PAUSE_MS, silenceMs }: S3Timing = {}): S3Client {
  const sign = requestSigner(access)
  const slots = new RequestSlots(MOST_AT_ONCE)

  async function once<Result>(
    { method, object, query, headers, body, signal }: S3Request,
    take: (answer: IncomingMessage) => Promise<Result>,
  ): Promise<Result> {
    await slots.acquire(signal)
    try {
      const hash = body ? createHash('sha256').update(body).digest('hex') : NO_BYTES_SHA256
      const unsigned = { ...headers, 'x-amz-content-sha256': hash }
      const signed = await sign({ method, url: objectUrl(access, object, query), headers: unsigned }, signal)
      const answer = await exchange({ method, ...signed, body }, { signal, silenceMs })
      const status = answer.statusCode ?? 0
      if (status >= 200 && status < 300) return await take(answer)
      const text = await bytesOf(answer, MAX_ERROR_BYTES, silenceMs)
      const requestId = String(answer.headers['x-amz-request-id'] ?? '').slice(0, 100) || null
      const refusal = text && text.length > 0 ? errorCodeOf(new TextDecoder().decode(text)) : null
      const error = new S3Refusal(status, refusal, requestId)
      error.bucketRegion = regionOf(answer)
      throw error
    } finally {
      slots.release()
    }
  }

  return {
    host: objectUrl({ ...access, isPathStyle: true }, { bucket: '', key: '' }).host,
    silenceMs,

    async send(request, take) {
      const { signal } = request
      let isAfterUnknown = false
      for (let tries = 1; ; tries++) {
        try {
          return await once(request, take)
        } catch (error) {
          signal?.throwIfAborted()
          if (error instanceof S3Refusal) error.isAfterUnknown = isAfterUnknown
          if (!isPassing(error) || tries === MOST_TRIES) throw asFinal(error)
          isAfterUnknown ||= !(error instanceof S3Refusal && error.status < 500)
        }
        const longestMs = Math.min(firstPauseMs * 2 ** (tries - 1), LONGEST_PAUSE_MS)
        await wait(Math.random() * longestMs, undefined, signal && { signal })
      }
    },
  }
}

/** Said on to people, so it must look like a region. */
function regionOf({ headers }: IncomingMessage): string | null {
  const region = headers['x-amz-bucket-region']
  return typeof region === 'string' && /^[a-z0-9-]{1,40}$/.test(region) ? region : null
}

/** Worth another try. A conflict is one between writers at the same time, who are told to come again. */
function isPassing(error: unknown): boolean {
  if (error instanceof S3Refusal) {
    if (error.status === 501 || error.status === 507) return false
    return error.status >= 500 || error.status === 429 || error.status === 409 || error.code === 'RequestTimeout'
  }
  return isOfNetwork(error)
}

function asFinal(error: unknown): unknown {
  return isOfNetwork(error) ? new S3Unreachable(`after ${MOST_TRIES} tries`, { cause: error }) : error
}

/** Node's errors of sockets, names and TLS have a code in text; ours have another, and those of bugs are of a kind. */
function isOfNetwork(error: unknown): boolean {
  if (!(error instanceof Error) || OURS_OR_BUGS.some((kind) => error instanceof kind)) return false
  return 'code' in error && typeof error.code === 'string'
}
