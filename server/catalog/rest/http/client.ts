import 'server-only'
import { AppError } from '@/lib/errors'
import { parseExactJson, stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { MemoryReservation, MemoryPool } from '@/server/http-out/memory-pool'
import { openAuthorizer } from './auth/open-authorizer'
import type { RestAuthorizer } from './auth/authorizer'
import { CONNECTION_FREE_BYTES, ERROR_LIMITS, METADATA_LIMITS, processPool } from './response-limits'
import {
  exchangeWithLimits,
  ExchangeError,
  type ExchangeResponse,
  isUnreadResponse,
  networkErrorCode,
} from './exchange-with-limits'
import { malformedResponse, outcomeUnknown, toAppError, rejectedAfterLostAttempt, unreadErrorBody } from './errors'
import { isWrite, type RestResponse, type RestRequest } from './request'
import { MAX_ATTEMPTS, pause as realPause, attemptPauseMs, retryDelayMs } from './retry'
import type { RestSettings } from './settings'
import { requestSecrets } from './request-secrets'
import type { Json } from '@/lib/iceberg/json/json'

export type RestHttpClient = {
  /**
   * Sends a request, again where that does no harm, and gives the answer where it is a success. A write that is on its
   * way is not called back by the caller's signal: its outcome matters to everybody.
   *
   * @throws {AppError} as `refusal` says, marked by `isAfterLostAttempt` where an earlier try of a write may have arrived;
   *   for a write without an answer commit-state-unknown
   */
  send(request: RestRequest): Promise<RestResponse>
}

/**
 * `read` and `write` are for one try; a commit may have to write and check a lot on the other side. `heard` is for all
 * tries of a read together, and for what must be known before it (a token, what the catalog says of itself): somebody
 * waits for it, so its answer must begin by then, though it may take longer to come.
 */
export const TIMEOUT_MS = { firstByte: 15_000, read: 60_000, write: 120_000 }
const MAX_REDIRECTS = 3
/**
 * What a catalog remembers with an `Idempotency-Key` and answers again. Any other refusal of a later try (of who asks,
 * of so many requests) says nothing of an earlier one that may have arrived.
 */
const REPLAYED_STATUSES: ReadonlySet<number> = new Set([400, 404, 409, 413, 422])

type RestHttpDeps = {
  settings: RestSettings
  nowMs: () => number
  timeoutMs?: { firstByte: number; read: number; write: number }
  maxAttempts?: number
  /** Where answers in the air count: those of this connection, and those of all. */
  pools?: readonly MemoryPool[]
  /** How long an answer waits for room there. */
  roomWaitMs?: number
  pause?: (ms: number, signal?: AbortSignal) => Promise<void>
  /** Told of each answer that is not the failure of a server. */
  onResponse?: () => void
}

type PooledDeps = RestHttpDeps & { pools: readonly MemoryPool[] }

/** `firstByteDeadlineMs`: when the first of its answer must be there; Infinity: as late as the whole. */
type Attempt = RestRequest & { firstByteDeadlineMs: number }

export function restHttpClient(deps: RestHttpDeps): RestHttpClient {
  const pooledDeps = { ...deps, pools: deps.pools ?? [new MemoryPool(CONNECTION_FREE_BYTES), processPool()] }
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
  const { pause = realPause, timeoutMs = TIMEOUT_MS, maxAttempts = MAX_ATTEMPTS } = deps
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
      // Who reads has waited for this one already; a write with a key must learn what became of it.
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
    // An earlier try that seemed to fail did it.
    if (status === 404 && mightHaveArrived && method === 'DELETE') return { status: 204, headers, json: null, chars: 0 }
    const retryHint = { status, retryAfter: headers['retry-after'] ?? null }
    const waitMs = retryDelayMs(retryHint, { attempts, isIdempotent, maxAttempts }, deps.nowMs())
    if (waitMs === null || deps.nowMs() + waitMs >= firstByteDeadlineMs) {
      const rejection = toAppError(
        status,
        parseErrorBody(response),
        purpose,
        requestSecrets(deps.settings, response.sent),
      )
      if (!isWrite(purpose) || !mightHaveArrived) throw rejection
      throw REPLAYED_STATUSES.has(status)
        ? rejectedAfterLostAttempt(rejection)
        : outcomeUnknown({ cause: rejection, facts: rejection.facts })
    }
    mightHaveArrived ||= status !== 429
    await pause(waitMs, signal)
  }
}

/** @param mightHaveArrived an earlier try: what keeps this one from being sent then leaves open what that one did */
async function trySend(deps: PooledDeps, authorizer: RestAuthorizer, request: Attempt, mightHaveArrived: boolean) {
  try {
    return await sendOnce(deps, authorizer, request)
  } catch (error) {
    if (error instanceof ExchangeError) return error
    const mightBeDone = error instanceof AppError && (mightHaveArrived || isUnreadResponse(error))
    throw isWrite(request.purpose) && mightBeDone ? outcomeUnknown({ cause: error }) : error
  }
}

/** Follows redirects of reads within the catalog's own origin, where the credentials belong, and no others. */
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
    if (redirects >= MAX_REDIRECTS) throw malformedResponse('it redirects again and again')
  }
}

/** @throws {AppError} catalog-unavailable for a redirect that is not followed */
function resolveRedirect(location: string | undefined, from: URL, method: string): URL {
  const to = URL.parse(location ?? '', from)
  if (location === undefined || to === null) throw malformedResponse('it redirects to nowhere')
  if (to.origin !== from.origin) {
    // The origin of an address such as `file:///etc` has no words of its own.
    const origin = to.origin === 'null' ? to.protocol : to.origin
    throw new AppError(
      'catalog-unavailable',
      `The catalog redirects to ${origin}. Credentials are not sent there; use that address for the connection if it is right.`,
      { facts: { origin } },
    )
  }
  if (method !== 'GET') throw malformedResponse('it redirects a request that changes something')
  return to
}

/** Whether somebody was waited for in vain: not one who refuses, or whose address leads nowhere. */
export function isTimeout(error: unknown): error is AppError {
  return error instanceof AppError && error.cause instanceof ExchangeError && error.cause.isTimeout
}

function noResponseError(error: ExchangeError, isUnknown: boolean, { host }: URL): AppError {
  const options = { cause: error, facts: { host, reason: networkErrorCode(error) } }
  if (isUnknown) return outcomeUnknown(options)
  return new AppError('catalog-unavailable', `The catalog at ${host} does not answer.`, options)
}

/** A success whose body cannot be read is, for a write, done as far as anyone knows. */
function parseBody(text: string, { purpose, limits = METADATA_LIMITS }: RestRequest): Json {
  if (text.trim() === '') return null
  try {
    return parseExactJson(text, { maxValues: limits.maxValues })
  } catch (error) {
    if (isWrite(purpose)) throw outcomeUnknown({ cause: error })
    if (error instanceof AppError && error.code === 'file-damaged') throw malformedResponse('it is not JSON', error)
    throw error
  }
}

/** Proxies answer in their own words; the status then says what there is to say. */
function parseErrorBody({ status, text, isTruncated: isCut }: ExchangeResponse): Json {
  if (isCut) return unreadErrorBody(status, ERROR_LIMITS.maxBytes)
  try {
    return parseExactJson(text, { maxValues: ERROR_LIMITS.maxValues })
  } catch {
    return null
  }
}

function withLowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
