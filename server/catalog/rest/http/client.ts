import 'server-only'
import { AppError } from '@/lib/errors'
import { parseExactJson, stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { MemoryReservation, MemoryPool } from '@/server/http-out/memory-pool'
import { openAuthorizer } from './auth/open-authorizer'
import type { RestAuthorizer } from './auth/authorizer'
import { CONNECTION_FREE_BYTES, ERROR_LIMITS, METADATA_LIMITS } from './response-limits'
import {
  exchangeWithLimits,
  ExchangeError,
  type ExchangeResponse,
  isUnreadResponse,
  networkErrorCode,
} from './exchange-with-limits'
import {
  malformedResponseError,
  outcomeUnknownError,
  toAppError,
  rejectedAfterLostAttemptError,
  unreadErrorBody,
} from './errors'
import { isWrite, type RestResponse, type RestRequest } from './request'
import { MAX_ATTEMPTS, pauseOrThrow, attemptPauseMs, retryAfterMs, retryDelayMs } from './retry'
import type { RestSettings } from './settings'
import { requestSecrets } from './request-secrets'
import type { Json } from '@/lib/iceberg/json/json'

export type RestHttpClient = {
  /**
   * Sends a request, retries it when that does no harm, and returns a successful response. The caller's signal does not
   * abort a write that is on its way, because its outcome matters to everyone.
   *
   * @throws {AppError} as `toAppError`, marked for `isAfterLostAttempt` when an earlier attempt of a write may have
   *   arrived; commit-state-unknown for a write without a response
   */
  send(request: RestRequest): Promise<RestResponse>
}

/**
 * `read` and `write` apply to one attempt; a commit may make the catalog write and check a lot. `firstByte` covers all
 * attempts of a read together, with what must come before it (a token, the catalog's configuration). A person waits for
 * a read, so its response must begin by then, but may take longer to arrive in full.
 */
export const TIMEOUT_MS = { firstByte: 15_000, read: 60_000, write: 120_000 }
const MAX_REDIRECTS = 3
/**
 * Refusals that a catalog stores with an `Idempotency-Key` and sends again. Any other refusal of a later attempt (of
 * the credentials, or for too many requests) says nothing about an earlier attempt that may have arrived.
 */
const REPLAYED_STATUSES: ReadonlySet<number> = new Set([400, 404, 409, 413, 422])

type RestHttpDeps = {
  settings: RestSettings
  nowMs: () => number
  timeoutMs?: { firstByte: number; read: number; write: number }
  maxAttempts?: number
  /** Limits the memory of responses in progress, those of other connections included. */
  responsePool: MemoryPool
  /** The same for this connection alone. */
  connectionPool?: MemoryPool
  /** How long a response waits for memory in the pools. */
  roomWaitMs?: number
  pause?: (ms: number, signal?: AbortSignal) => Promise<void>
  /** Called for each response that is not a server error. */
  onResponse?: () => void
}

/** The pool of this connection and the shared one. */
type PooledDeps = RestHttpDeps & { pools: readonly MemoryPool[] }

/** `firstByteDeadlineMs`: when the response must begin; Infinity: limited only by the timeout of the whole response. */
type Attempt = RestRequest & { firstByteDeadlineMs: number }

export function restHttpClient(deps: RestHttpDeps): RestHttpClient {
  const pooledDeps = {
    ...deps,
    pools: [deps.connectionPool ?? new MemoryPool(CONNECTION_FREE_BYTES), deps.responsePool],
  }
  const { settings, nowMs, timeoutMs = TIMEOUT_MS, maxAttempts = MAX_ATTEMPTS } = pooledDeps
  const authorizer = openAuthorizer(settings, nowMs, { maxAttempts, timeoutMs: timeoutMs.firstByte })
  return {
    async send(request) {
      request.signal?.throwIfAborted()
      const signal = isWrite(request.purpose) ? undefined : request.signal
      return send(pooledDeps, authorizer, { ...request, signal })
    },
  }
}

async function send(deps: PooledDeps, authorizer: RestAuthorizer, request: RestRequest): Promise<RestResponse> {
  const { method, purpose, signal, url } = request
  const { pause = pauseOrThrow, timeoutMs = TIMEOUT_MS, maxAttempts = MAX_ATTEMPTS } = deps
  const { retryableMs = method === 'POST' ? 0 : Number.POSITIVE_INFINITY } = request
  const retryableUntilMs = deps.nowMs() + retryableMs
  const requestedDeadlineMs = request.firstByteDeadlineMs ?? deps.nowMs() + timeoutMs.firstByte
  const firstByteDeadlineMs = isWrite(purpose) ? Number.POSITIVE_INFINITY : requestedDeadlineMs
  let mightHaveArrived = false
  let isReauthorized = false
  for (let attempts = 1; ; attempts += 1) {
    const response = await trySend(deps, authorizer, { ...request, firstByteDeadlineMs }, mightHaveArrived)
    const isIdempotent = deps.nowMs() < retryableUntilMs
    if (response instanceof ExchangeError) {
      mightHaveArrived ||= response.mightHaveArrived
      const waitMs = attemptPauseMs(attempts)
      const isLast = attempts >= maxAttempts || deps.nowMs() + waitMs >= firstByteDeadlineMs
      // A read has used up its time. A write with an idempotency key must still find out its outcome.
      const isTimedOutRead = response.isTimeout && !isWrite(purpose)
      if (!isIdempotent || !response.mightHaveArrived || isLast || isTimedOutRead) {
        throw noResponseError(response, isWrite(purpose) && mightHaveArrived, url)
      }
      await pause(waitMs, signal)
      continue
    }
    const { status, headers, text } = response
    if (status < 500) deps.onResponse?.()
    if (status >= 200 && status < 300) {
      try {
        return { status, headers, json: parseBody(text, request), chars: text.length }
      } finally {
        response.room.close()
      }
    }
    response.room.close()
    if (status === 304 && request.headers?.['if-none-match'] !== undefined) {
      return { status, headers, json: null, chars: 0 }
    }
    if ((status === 401 || status === 419) && !isReauthorized && authorizer.handleUnauthorized(response.sent)) {
      isReauthorized = true
      continue
    }
    // An earlier attempt that seemed to fail has dropped it.
    if (status === 404 && mightHaveArrived && method === 'DELETE') return { status: 204, headers, json: null, chars: 0 }
    const retryHint = { status, retryAfter: headers['retry-after'] ?? null }
    const waitMs = retryDelayMs(retryHint, { attempts, isIdempotent, maxAttempts }, deps.nowMs())
    if (waitMs === null || deps.nowMs() + waitMs >= firstByteDeadlineMs) {
      const rejection = toAppError(status, parseErrorBody(response), purpose, {
        secrets: requestSecrets(deps.settings, response.sent),
        retryAfterMs: retryAfterMs(retryHint.retryAfter, deps.nowMs()),
      })
      if (!isWrite(purpose) || !mightHaveArrived) throw rejection
      throw REPLAYED_STATUSES.has(status)
        ? rejectedAfterLostAttemptError(rejection)
        : outcomeUnknownError({ cause: rejection, facts: rejection.facts })
    }
    mightHaveArrived ||= status !== 429
    await pause(waitMs, signal)
  }
}

/**
 * @param mightHaveArrived whether an earlier attempt may have arrived; its outcome then stays unknown, even if this
 *   attempt is never sent
 */
async function trySend(deps: PooledDeps, authorizer: RestAuthorizer, request: Attempt, mightHaveArrived: boolean) {
  try {
    return await sendOnce(deps, authorizer, request)
  } catch (error) {
    if (error instanceof ExchangeError) return error
    const mightBeDone = error instanceof AppError && (mightHaveArrived || isUnreadResponse(error))
    throw isWrite(request.purpose) && mightBeDone ? outcomeUnknownError({ cause: error }) : error
  }
}

/** Follows only redirects of reads within the catalog's own origin, where the credentials belong. */
async function sendOnce(
  { settings, nowMs, timeoutMs = TIMEOUT_MS, pools, roomWaitMs }: PooledDeps,
  authorizer: RestAuthorizer,
  { method, url: firstUrl, body, headers, purpose, signal, firstByteDeadlineMs, limits = METADATA_LIMITS }: Attempt,
): Promise<ExchangeResponse & { sent: Readonly<Record<string, string>>; room: MemoryReservation }> {
  const text = body === undefined ? undefined : stringifyExactJson(body)
  const baseHeaders = {
    ...withLowerCaseNames(settings.headers),
    accept: 'application/json',
    'user-agent': 'lakeshore',
    ...(text !== undefined && { 'content-type': 'application/json' }),
    ...headers,
  }
  let url = firstUrl
  for (let redirects = 0; ; redirects += 1) {
    const remainingMs = () => Math.max(1, firstByteDeadlineMs - nowMs())
    const maxWaitMs = Math.min(timeoutMs.firstByte, remainingMs())
    const sent = await authorizer.authorize({ method, url, headers: baseHeaders, body: text }, { signal, maxWaitMs })
    const totalMs = isWrite(purpose) ? timeoutMs.write : timeoutMs.read
    const room = new MemoryReservation(pools, roomWaitMs)
    let isReturned = false
    try {
      const response = await exchangeWithLimits({
        method,
        url,
        headers: sent,
        body: text,
        timeoutMs: totalMs,
        idleTimeoutMs: Math.min(totalMs, remainingMs()),
        maxBytes: limits.maxBytes,
        maxErrorBytes: ERROR_LIMITS.maxBytes,
        room,
        signal,
      })
      if (![301, 302, 303, 307, 308].includes(response.status)) {
        isReturned = true
        return { ...response, sent, room }
      }
      url = resolveRedirect(response.headers.location, url, method)
    } finally {
      if (!isReturned) room.close()
    }
    if (redirects >= MAX_REDIRECTS) throw malformedResponseError('it redirects too many times')
  }
}

/** @throws {AppError} catalog-unavailable for a redirect that is not followed */
function resolveRedirect(location: string | undefined, from: URL, method: string): URL {
  const to = URL.parse(location ?? '', from)
  if (location === undefined || to === null) throw malformedResponseError('its redirect has no valid target')
  if (to.origin !== from.origin) {
    // URLs such as `file:///etc` have the origin `null`.
    const origin = to.origin === 'null' ? to.protocol : to.origin
    throw new AppError(
      'catalog-unavailable',
      `The catalog redirects to ${origin}. Lakeshore does not send credentials there. If the address is right, use it as the URL of the connection.`,
      { facts: { origin } },
    )
  }
  if (method !== 'GET') throw malformedResponseError('it redirects a write')
  return to
}

/** Whether a server did not answer in time. Refusals and unreachable addresses are not timeouts. */
export function isTimeout(error: unknown): error is AppError {
  return error instanceof AppError && error.cause instanceof ExchangeError && error.cause.isTimeout
}

function noResponseError(error: ExchangeError, isUnknown: boolean, { host }: URL): AppError {
  const options = { cause: error, facts: { host, reason: networkErrorCode(error) } }
  if (isUnknown) return outcomeUnknownError(options)
  return new AppError('catalog-unavailable', `The catalog at ${host} does not answer.`, options)
}

/** The outcome of a write is unknown when its success response has an unreadable body. */
function parseBody(text: string, { purpose, limits = METADATA_LIMITS }: RestRequest): Json {
  if (text.trim() === '') return null
  try {
    return parseExactJson(text, { maxValues: limits.maxValues })
  } catch (error) {
    if (isWrite(purpose)) throw outcomeUnknownError({ cause: error })
    if (error instanceof AppError && error.code === 'file-damaged')
      throw malformedResponseError('it is not JSON', error)
    throw error
  }
}

/** Proxies send error bodies of their own format; then only the status counts. */
function parseErrorBody({ status, text, isTruncated }: ExchangeResponse): Json {
  if (isTruncated) return unreadErrorBody(status, ERROR_LIMITS.maxBytes)
  try {
    return parseExactJson(text, { maxValues: ERROR_LIMITS.maxValues })
  } catch {
    return null
  }
}

function withLowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
