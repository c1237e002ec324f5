import 'server-only'
import { AppError } from '@/lib/errors'
import { parseExactJson, stringifyExactJson } from '@/lib/iceberg/exact-json'
import type { Json } from '@/lib/iceberg/types'
import { openAuthorizer } from './auth/open-authorizer'
import type { RestAuthorizer } from './auth/rest-authorizer'
import { boundedFetch, ExchangeFailed, type Exchanged, networkCode } from './bounded-fetch'
import { malformed, outcomeUnknown, refusal } from './rest-errors'
import { isWrite, type RestAnswer, type RestRequest } from './rest-request'
import { MOST_TRIES, pause as realPause, pauseMs, retryPauseMs } from './rest-retry'
import type { RestSettings } from './rest-settings'
import { sentSecrets } from './sent-secrets'

export type RestHttp = {
  /**
   * Sends a request, again where that does no harm, and gives the answer where it is a success. A write that is on its
   * way is not called back by the caller's signal: its outcome matters to everybody.
   *
   * @throws {AppError} as `refusal` says; for a write without an answer commit-state-unknown
   */
  send(request: RestRequest): Promise<RestAnswer>
}

/** For one try; a commit may have to write and check a lot on the other side. */
const TIMEOUT_MS = { read: 60_000, write: 120_000 }
/** As much as the exact JSON reader takes: metadata of 10,000 snapshots is some ten megabytes. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024
const MOST_REDIRECTS = 3

type Parts = {
  settings: RestSettings
  nowMs: () => number
  timeoutMs?: { read: number; write: number }
  maxAnswerBytes?: number
  pause?: (ms: number, signal?: AbortSignal) => Promise<void>
}

export function restHttp(parts: Parts): RestHttp {
  const authorizer = openAuthorizer(parts.settings, parts.nowMs)
  return {
    async send(request) {
      request.signal?.throwIfAborted()
      const signal = isWrite(request.purpose) ? undefined : request.signal
      return send(parts, authorizer, { ...request, signal })
    },
  }
}

async function send(parts: Parts, authorizer: RestAuthorizer, request: RestRequest): Promise<RestAnswer> {
  const { method, purpose, signal, url } = request
  const { pause = realPause } = parts
  const isIdempotent = method !== 'POST'
  let mightHaveArrived = false
  let isAuthorizedAnew = false
  for (let tries = 1; ; tries += 1) {
    const answer = await answerTo(parts, authorizer, request)
    if (answer instanceof ExchangeFailed) {
      mightHaveArrived ||= answer.mightHaveArrived
      if (!isIdempotent || !answer.mightHaveArrived || tries >= MOST_TRIES) {
        throw unanswered(answer, isWrite(purpose) && mightHaveArrived, url)
      }
      await pause(pauseMs(tries), signal)
      continue
    }
    const { status, headers, text } = answer
    if (status >= 200 && status < 300) return { status, json: bodyOf(text, purpose) }
    if ((status === 401 || status === 419) && !isAuthorizedAnew && authorizer.refused(answer.sent)) {
      isAuthorizedAnew = true
      continue
    }
    // An earlier try that seemed to fail did it.
    if (status === 404 && mightHaveArrived && method === 'DELETE') return { status: 204, json: null }
    const asked = { status, retryAfter: headers.get('retry-after') }
    const waitMs = retryPauseMs(asked, { tries, isIdempotent }, parts.nowMs())
    if (waitMs === null) {
      throw refusal(status, errorBodyOf(text), purpose, sentSecrets(parts.settings, answer.sent))
    }
    mightHaveArrived ||= status !== 429
    await pause(waitMs, signal)
  }
}

async function answerTo(parts: Parts, authorizer: RestAuthorizer, request: RestRequest) {
  try {
    return await sendOnce(parts, authorizer, request)
  } catch (error) {
    if (error instanceof ExchangeFailed) return error
    const isWritten = isWrite(request.purpose) && error instanceof AppError && error.code === 'too-large'
    throw isWritten ? outcomeUnknown({ cause: error }) : error
  }
}

/** Follows redirects of reads within the catalog's own origin, where the credentials belong, and no others. */
async function sendOnce(
  { settings, timeoutMs = TIMEOUT_MS, maxAnswerBytes = MAX_ANSWER_BYTES }: Parts,
  authorizer: RestAuthorizer,
  { method, url: firstUrl, body, headers, purpose, signal }: RestRequest,
): Promise<Exchanged & { sent: Readonly<Record<string, string>> }> {
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
    const sent = await authorizer.authorize({ method, url, headers: plain, body: text }, signal)
    const answer = await boundedFetch({
      method,
      url,
      headers: sent,
      body: text,
      timeoutMs: isWrite(purpose) ? timeoutMs.write : timeoutMs.read,
      maxBytes: maxAnswerBytes,
      signal,
    })
    if (![301, 302, 303, 307, 308].includes(answer.status)) return { ...answer, sent }
    url = redirected(answer.headers.get('location'), url, method)
    if (redirects >= MOST_REDIRECTS) throw malformed('it redirects again and again')
  }
}

/** @throws {AppError} catalog-unavailable for a redirect that is not followed */
function redirected(location: string | null, from: URL, method: string): URL {
  const to = URL.parse(location ?? '', from)
  if (location === null || to === null) throw malformed('it redirects to nowhere')
  if (to.origin !== from.origin) {
    throw new AppError(
      'catalog-unavailable',
      `The catalog redirects to ${to.origin}. Credentials are not sent there; use that address for the connection if it is right.`,
      { facts: { origin: to.origin } },
    )
  }
  if (method !== 'GET') throw malformed('it redirects a request that changes something')
  return to
}

function unanswered(error: ExchangeFailed, isUnknown: boolean, { host }: URL): AppError {
  const options = { cause: error, facts: { host, reason: networkCode(error) } }
  if (isUnknown) return outcomeUnknown(options)
  return new AppError('catalog-unavailable', `The catalog at ${host} does not answer.`, options)
}

/** A success whose body cannot be read is, for a write, done as far as anyone knows. */
function bodyOf(text: string, purpose: RestRequest['purpose']): Json {
  if (text.trim() === '') return null
  try {
    return parseExactJson(text)
  } catch (error) {
    if (isWrite(purpose)) throw outcomeUnknown({ cause: error })
    if (error instanceof AppError && error.code === 'file-damaged') throw malformed('it is not JSON', error)
    throw error
  }
}

/** Proxies answer in their own words; the status then says what there is to say. */
function errorBodyOf(text: string): Json {
  try {
    return parseExactJson(text)
  } catch {
    return null
  }
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
