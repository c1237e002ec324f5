import 'server-only'
import { AppError } from '@/lib/errors'
import { parseExactJson, stringifyExactJson } from '@/lib/iceberg/exact-json'
import type { Json } from '@/lib/iceberg/types'
import { AnswerRoom, RoomPool } from '@/server/http-out/answer-room'
import { openAuthorizer } from './auth/open-authorizer'
import type { RestAuthorizer } from './auth/rest-authorizer'
import { CONNECTION_FREE_BYTES, ERROR_ANSWER, METADATA_ANSWER, processRoom } from './answer-sizes'
import { boundedExchange, ExchangeFailed, type Exchanged, isUnread, networkCode } from './bounded-exchange'
import { malformed, outcomeUnknown, refusal, refusedAfterLostTry, unreadWords } from './rest-errors'
import { isWrite, type RestAnswer, type RestRequest } from './rest-request'
import { MOST_TRIES, pause as realPause, pauseMs, retryPauseMs } from './rest-retry'
import type { RestSettings } from './rest-settings'
import { sentSecrets } from './sent-secrets'

export type RestHttp = {
  /**
   * Sends a request, again where that does no harm, and gives the answer where it is a success. A write that is on its
   * way is not called back by the caller's signal: its outcome matters to everybody.
   *
   * @throws {AppError} as `refusal` says, marked by `isAfterLostTry` where an earlier try of a write may have arrived;
   *   for a write without an answer commit-state-unknown
   */
  send(request: RestRequest): Promise<RestAnswer>
}

/**
 * `read` and `write` are for one try; a commit may have to write and check a lot on the other side. `heard` is for all
 * tries of a read together, and for what must be known before it (a token, what the catalog says of itself): somebody
 * waits for it, so its answer must begin by then, though it may take longer to come.
 */
export const TIMEOUT_MS = { heard: 15_000, read: 60_000, write: 120_000 }
const MOST_REDIRECTS = 3
/**
 * What a catalog remembers with an `Idempotency-Key` and answers again. Any other refusal of a later try (of who asks,
 * of so many requests) says nothing of an earlier one that may have arrived.
 */
const REPLAYED: ReadonlySet<number> = new Set([400, 404, 409, 413, 422])

type Parts = {
  settings: RestSettings
  nowMs: () => number
  timeoutMs?: { heard: number; read: number; write: number }
  mostTries?: number
  /** Where answers in the air count: those of this connection, and those of all. */
  pools?: readonly RoomPool[]
  /** How long an answer waits for room there. */
  roomWaitMs?: number
  pause?: (ms: number, signal?: AbortSignal) => Promise<void>
  /** Told of each answer that is not the failure of a server. */
  onAnswer?: () => void
}

type Pooled = Parts & { pools: readonly RoomPool[] }

/** `heardByMs`: when the first of its answer must be there; Infinity: as late as the whole. */
type Try = RestRequest & { heardByMs: number }

export function restHttp(given: Parts): RestHttp {
  const parts = { ...given, pools: given.pools ?? [new RoomPool(CONNECTION_FREE_BYTES), processRoom()] }
  const { settings, nowMs, timeoutMs = TIMEOUT_MS, mostTries = MOST_TRIES } = parts
  const authorizer = openAuthorizer(settings, nowMs, { mostTries, timeoutMs: timeoutMs.heard })
  return {
    async send(request) {
      request.signal?.throwIfAborted()
      const signal = isWrite(request.purpose) ? undefined : request.signal
      return send(parts, authorizer, { ...request, signal })
    },
  }
}

async function send(parts: Pooled, authorizer: RestAuthorizer, request: RestRequest): Promise<RestAnswer> {
  const { method, purpose, signal, url } = request
  const { pause = realPause, timeoutMs = TIMEOUT_MS, mostTries = MOST_TRIES } = parts
  const { repeatableMs = method === 'POST' ? 0 : Number.POSITIVE_INFINITY } = request
  const repeatableUntilMs = parts.nowMs() + repeatableMs
  const askedMs = request.heardByMs ?? parts.nowMs() + timeoutMs.heard
  const heardByMs = isWrite(purpose) ? Number.POSITIVE_INFINITY : askedMs
  let mightHaveArrived = false
  let isAuthorizedAnew = false
  for (let tries = 1; ; tries += 1) {
    const answer = await answerTo(parts, authorizer, { ...request, heardByMs }, mightHaveArrived)
    const isIdempotent = parts.nowMs() < repeatableUntilMs
    if (answer instanceof ExchangeFailed) {
      mightHaveArrived ||= answer.mightHaveArrived
      const waitMs = pauseMs(tries)
      const isLast = tries >= mostTries || parts.nowMs() + waitMs >= heardByMs
      // Who reads has waited for this one already; a write with a key must learn what became of it.
      const isWaitedFor = answer.isSilence && !isWrite(purpose)
      if (!isIdempotent || !answer.mightHaveArrived || isLast || isWaitedFor) {
        throw unanswered(answer, isWrite(purpose) && mightHaveArrived, url)
      }
      await pause(waitMs, signal)
      continue
    }
    const { status, headers, text } = answer
    if (status < 500) parts.onAnswer?.()
    if (status >= 200 && status < 300) {
      try {
        return { status, headers, json: bodyOf(text, request), chars: text.length }
      } finally {
        answer.room.close()
      }
    }
    answer.room.close()
    if (status === 304 && request.headers?.['if-none-match'] !== undefined) {
      return { status, headers, json: null, chars: 0 }
    }
    if ((status === 401 || status === 419) && !isAuthorizedAnew && authorizer.refused(answer.sent)) {
      isAuthorizedAnew = true
      continue
    }
    // An earlier try that seemed to fail did it.
    if (status === 404 && mightHaveArrived && method === 'DELETE') return { status: 204, headers, json: null, chars: 0 }
    const asked = { status, retryAfter: headers['retry-after'] ?? null }
    const waitMs = retryPauseMs(asked, { tries, isIdempotent, mostTries }, parts.nowMs())
    if (waitMs === null || parts.nowMs() + waitMs >= heardByMs) {
      const refused = refusal(status, errorBodyOf(answer), purpose, sentSecrets(parts.settings, answer.sent))
      if (!isWrite(purpose) || !mightHaveArrived) throw refused
      throw REPLAYED.has(status)
        ? refusedAfterLostTry(refused)
        : outcomeUnknown({ cause: refused, facts: refused.facts })
    }
    mightHaveArrived ||= status !== 429
    await pause(waitMs, signal)
  }
}

/** @param mightHaveArrived an earlier try: what keeps this one from being sent then leaves open what that one did */
async function answerTo(parts: Pooled, authorizer: RestAuthorizer, request: Try, mightHaveArrived: boolean) {
  try {
    return await sendOnce(parts, authorizer, request)
  } catch (error) {
    if (error instanceof ExchangeFailed) return error
    const isWritten = error instanceof AppError && (mightHaveArrived || isUnread(error))
    throw isWrite(request.purpose) && isWritten ? outcomeUnknown({ cause: error }) : error
  }
}

/** Follows redirects of reads within the catalog's own origin, where the credentials belong, and no others. */
async function sendOnce(
  { settings, nowMs, timeoutMs = TIMEOUT_MS, pools, roomWaitMs }: Pooled,
  authorizer: RestAuthorizer,
  { method, url: firstUrl, body, headers, purpose, signal, heardByMs, size = METADATA_ANSWER }: Try,
): Promise<Exchanged & { sent: Readonly<Record<string, string>>; room: AnswerRoom }> {
  const text = body === undefined ? undefined : stringifyExactJson(body)
  const plain = {
    ...lowerCased(settings.headers),
    accept: 'application/json',
    'user-agent': 'lakeshore',
    ...(text !== undefined && { 'content-type': 'application/json' }),
    ...headers,
  }
  let url = firstUrl
  for (let redirects = 0; ; redirects += 1) {
    const leftMs = () => Math.max(1, heardByMs - nowMs())
    const longestMs = Math.min(timeoutMs.heard, leftMs())
    const sent = await authorizer.authorize({ method, url, headers: plain, body: text }, { signal, longestMs })
    const wholeMs = isWrite(purpose) ? timeoutMs.write : timeoutMs.read
    const room = new AnswerRoom(pools, roomWaitMs)
    let isHandedOn = false
    try {
      const answer = await boundedExchange({
        method,
        url,
        headers: sent,
        body: text,
        timeoutMs: wholeMs,
        silenceMs: Math.min(wholeMs, leftMs()),
        maxBytes: size.bytes,
        maxErrorBytes: ERROR_ANSWER.bytes,
        room,
        signal,
      })
      if (![301, 302, 303, 307, 308].includes(answer.status)) {
        isHandedOn = true
        return { ...answer, sent, room }
      }
      url = redirected(answer.headers.location, url, method)
    } finally {
      if (!isHandedOn) room.close()
    }
    if (redirects >= MOST_REDIRECTS) throw malformed('it redirects again and again')
  }
}

/** @throws {AppError} catalog-unavailable for a redirect that is not followed */
function redirected(location: string | undefined, from: URL, method: string): URL {
  const to = URL.parse(location ?? '', from)
  if (location === undefined || to === null) throw malformed('it redirects to nowhere')
  if (to.origin !== from.origin) {
    // The origin of an address such as `file:///etc` has no words of its own.
    const origin = to.origin === 'null' ? to.protocol : to.origin
    throw new AppError(
      'catalog-unavailable',
      `The catalog redirects to ${origin}. Credentials are not sent there; use that address for the connection if it is right.`,
      { facts: { origin } },
    )
  }
  if (method !== 'GET') throw malformed('it redirects a request that changes something')
  return to
}

/** Whether somebody was waited for in vain: not one who refuses, or whose address leads nowhere. */
export function isSilence(error: unknown): error is AppError {
  return error instanceof AppError && error.cause instanceof ExchangeFailed && error.cause.isSilence
}

function unanswered(error: ExchangeFailed, isUnknown: boolean, { host }: URL): AppError {
  const options = { cause: error, facts: { host, reason: networkCode(error) } }
  if (isUnknown) return outcomeUnknown(options)
  return new AppError('catalog-unavailable', `The catalog at ${host} does not answer.`, options)
}

/** A success whose body cannot be read is, for a write, done as far as anyone knows. */
function bodyOf(text: string, { purpose, size = METADATA_ANSWER }: RestRequest): Json {
  if (text.trim() === '') return null
  try {
    return parseExactJson(text, { maxValues: size.values })
  } catch (error) {
    if (isWrite(purpose)) throw outcomeUnknown({ cause: error })
    if (error instanceof AppError && error.code === 'file-damaged') throw malformed('it is not JSON', error)
    throw error
  }
}

/** Proxies answer in their own words; the status then says what there is to say. */
function errorBodyOf({ status, text, isUnread: isCut }: Exchanged): Json {
  if (isCut) return unreadWords(status, ERROR_ANSWER.bytes)
  try {
    return parseExactJson(text, { maxValues: ERROR_ANSWER.values })
  } catch {
    return null
  }
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
