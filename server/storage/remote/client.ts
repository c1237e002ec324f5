import 'server-only'
import { backoffMs } from '@/lib/backoff'
import { errorCode } from '@/server/error-code'
import type { IncomingMessage } from 'node:http'
import { AppError } from '@/lib/errors'
import { readBody, sendRequest, type Headers } from '@/server/http-out/send-request'
import type { Reach } from '@/server/http-out/safe-address'
import { clock } from '@/server/timing/clock'
import { Refusal, Unreachable } from './refusal'
import { RequestSlots } from './request-slots'

/** Concurrent requests to one store; further ones wait. */
const MAX_CONCURRENT_REQUESTS = 16
const MAX_ATTEMPTS = 4
/** Pauses between attempts grow from this one and are random below that, so that many clients do not retry at once. */
const FIRST_PAUSE_MS = 100
const MAX_PAUSE_MS = 5_000
const MAX_ERROR_BYTES = 64 * 1024

/** `bucket` is the bucket or container. An empty `key` means the bucket itself. */
export type ObjectIdentifier = { bucket: string; key: string }

export type RemoteRequest = {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  object: ObjectIdentifier
  query?: Readonly<Record<string, string>>
  /** Header names are in lower case. */
  headers?: Readonly<Record<string, string>>
  body?: Uint8Array
  signal?: AbortSignal | undefined
}

/** How one kind of store sends requests and reports errors. */
export type Protocol = {
  /** The endpoint's host, for messages. */
  host: string
  /** For an endpoint that no admin configured. */
  reach?: Reach | undefined
  /** Builds the request with its URL and credentials. Called for each attempt. */
  prepare(request: RemoteRequest): Promise<{ url: URL; headers: Headers }>
  /** @param text the body of the response; empty when it is longer than an error can be */
  toRefusal(response: IncomingMessage, text: string): Refusal
  /** Whether another attempt may succeed. */
  isTransient(refusal: Refusal): boolean
}

const NON_NETWORK_ERRORS = [AppError, Refusal, TypeError, RangeError]

/** Shorter pauses and timeouts, for tests. */
export type Timing = { firstPauseMs?: number; idleTimeoutMs?: number }

export type RemoteClient = {
  /** The endpoint's host, for messages. */
  readonly host: string
  readonly idleTimeoutMs: number | undefined
  /**
   * Sends a request and handles its response. Both are repeated a few times when the store is overloaded or the
   * response is incomplete, so the request must be safe to carry out twice.
   *
   * @param handleResponse reads the response's body, or passes the response on: the request then no longer counts as
   *   running
   * @throws {Refusal} also for a redirect, which is never followed
   * @throws {Unreachable}
   */
  send<Result>(request: RemoteRequest, handleResponse: (response: IncomingMessage) => Promise<Result>): Promise<Result>
}

export function remoteClient(
  { host, reach, prepare, toRefusal, isTransient }: Protocol,
  { firstPauseMs = FIRST_PAUSE_MS, idleTimeoutMs }: Timing = {},
): RemoteClient {
  const slots = new RequestSlots(MAX_CONCURRENT_REQUESTS)

  async function sendOnce<Result>(
    request: RemoteRequest,
    handleResponse: (response: IncomingMessage) => Promise<Result>,
  ): Promise<Result> {
    const { method, body, signal } = request
    await slots.acquire(signal)
    try {
      const response = await sendRequest(
        { method, ...(await prepare(request)), body },
        { reach, signal, idleTimeoutMs },
      )
      const status = response.statusCode ?? 0
      if (status >= 200 && status < 300) return await handleResponse(response)
      const text = await readBody(response, MAX_ERROR_BYTES, idleTimeoutMs)
      throw toRefusal(response, new TextDecoder().decode(text ?? undefined))
    } finally {
      slots.release()
    }
  }

  return {
    host,
    idleTimeoutMs,

    async send(request, handleResponse) {
      const { signal } = request
      let mightHaveSucceededEarlier = false
      for (let attempt = 1; ; attempt++) {
        try {
          return await sendOnce(request, handleResponse)
        } catch (error) {
          signal?.throwIfAborted()
          if (error instanceof Refusal) error.mightHaveSucceededEarlier = mightHaveSucceededEarlier
          const isRetryable = error instanceof Refusal ? isTransient(error) : isNetworkError(error)
          if (!isRetryable || attempt === MAX_ATTEMPTS) throw toFinalError(error)
          mightHaveSucceededEarlier ||= !(error instanceof Refusal && error.status < 500)
        }
        const pauseMs = backoffMs({ firstMs: firstPauseMs, maxMs: MAX_PAUSE_MS }, attempt - 1)
        await clock.pause(pauseMs, signal)
        signal?.throwIfAborted()
      }
    },
  }
}

/** The body of the response as text. */
export async function readText(
  { idleTimeoutMs }: RemoteClient,
  response: IncomingMessage,
  maxBytes = MAX_ERROR_BYTES,
): Promise<string> {
  const bytes = await readBody(response, maxBytes, idleTimeoutMs)
  if (bytes === null) throw new Unreachable('The store’s response is longer than expected.')
  return new TextDecoder().decode(bytes)
}

function toFinalError(error: unknown): unknown {
  return isNetworkError(error) ? new Unreachable(`after ${MAX_ATTEMPTS} attempts`, { cause: error }) : error
}

/**
 * Node's errors for sockets, names and TLS have a text code. Ours have other codes, and those of bugs are programming
 * errors.
 */
function isNetworkError(error: unknown): boolean {
  if (!(error instanceof Error) || NON_NETWORK_ERRORS.some((kind) => error instanceof kind)) return false
  return errorCode(error) !== null
}
