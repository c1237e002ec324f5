import 'server-only'
import { backoffMs } from '@/lib/backoff'
import { errorCode } from '@/server/error-code'
import type { IncomingMessage } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { AppError } from '@/lib/errors'
import { readBody, sendRequest, type Headers } from '@/server/http-out/send-request'
import type { Reach } from '@/server/http-out/safe-address'
import { Refusal, Unreachable } from './refusal'
import { RequestSlots } from './request-slots'

/** Requests to one store at the same time; more wait. */
const MAX_CONCURRENT_REQUESTS = 16
const MAX_ATTEMPTS = 4
/** Pauses between tries grow from the first, at random below that, so that many clients do not come back at once. */
const FIRST_PAUSE_MS = 100
const MAX_PAUSE_MS = 5_000
const MAX_ERROR_BYTES = 64 * 1024

/** `holder`: the bucket or container; with an empty key, it is itself what is spoken of. */
export type ObjectIdentifier = { bucket: string; key: string }

export type RemoteRequest = {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  object: ObjectIdentifier
  query?: Readonly<Record<string, string>>
  /** Names in lower case. */
  headers?: Readonly<Record<string, string>>
  body?: Uint8Array
  signal?: AbortSignal | undefined
}

/** What a kind of store makes of requests and refusals. */
export type Protocol = {
  /** Of the endpoint, for people. */
  host: string
  /** Of an endpoint that no admin named. */
  reach?: Reach | undefined
  /** A request as it goes out: where to, and what proves who asks. Called for each try. */
  prepare(request: RemoteRequest, signal?: AbortSignal): Promise<{ url: URL; headers: Headers }>
  /** @param text the answer's body; empty where it was longer than an error is */
  toRefusal(response: IncomingMessage, text: string): Refusal
  /** Whether a refusal is worth another try. */
  isTransient(refusal: Refusal): boolean
}

const NON_NETWORK_ERRORS = [AppError, Refusal, TypeError, RangeError]

/** Pauses and patience, so that a test need not wait. */
export type Timing = { firstPauseMs?: number; idleTimeoutMs?: number }

export type RemoteClient = {
  /** Of the endpoint, for people. */
  readonly host: string
  readonly idleTimeoutMs: number | undefined
  /**
   * Sends a request and takes its answer; both again, a few times, when the store is overloaded or does not answer
   * to the end. Whatever is sent must bear being carried out twice.
   *
   * @param handleResponse reads the answer's body, or hands the answer on: the request no longer counts as running then
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
        { method, ...(await prepare(request, signal)), body },
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
        await wait(pauseMs, undefined, signal && { signal })
      }
    },
  }
}

/** The answer's body as text. */
export async function readText(
  { idleTimeoutMs }: RemoteClient,
  response: IncomingMessage,
  maxBytes = MAX_ERROR_BYTES,
): Promise<string> {
  const bytes = await readBody(response, maxBytes, idleTimeoutMs)
  if (bytes === null) throw new Unreachable('The store’s answer is longer than expected.')
  return new TextDecoder().decode(bytes)
}

function toFinalError(error: unknown): unknown {
  return isNetworkError(error) ? new Unreachable(`after ${MAX_ATTEMPTS} tries`, { cause: error }) : error
}

/** Node's errors of sockets, names and TLS have a code in text; ours have another, and those of bugs are of a kind. */
function isNetworkError(error: unknown): boolean {
  if (!(error instanceof Error) || NON_NETWORK_ERRORS.some((kind) => error instanceof kind)) return false
  return errorCode(error) !== null
}
