import 'server-only'
import { AppError } from '@/lib/errors'
import { type ExpiringValue, createRefreshingValue } from '@/lib/refreshing-value'
import { IdleTimeoutError } from '@/server/http-out/send-request'
import { MAX_TOKEN_RESPONSE_BYTES, TOKEN_REQUEST_HEADERS, parseTokenResponse } from '@/server/http-out/token-response'
import { clock } from '@/server/timing/clock'
import { exchangeWithLimits, ExchangeError, type ExchangeResponse, networkErrorCode } from '../exchange-with-limits'
import { type RetryPolicy, pauseOrThrow, retryDelayMs } from '../retry'
import type { RestAuth } from '../settings'
import type { RestAuthorizer } from './authorizer'

type OAuth2 = Extract<RestAuth, { kind: 'oauth2' }>

const TOKEN_TIMEOUT_MESSAGE = 'The token server sent no token before the request timed out.'
/** The request that waited for the token was not sent. */
const NOTHING_SENT = { mightHaveArrived: false }

/**
 * OAuth2 client credentials (RFC 6749 section 4.4): all requests share one token, which is replaced before it expires
 * and once after a refusal. A token server in the catalog's configuration is ignored: the connection's secret goes only
 * to the address that an admin entered.
 *
 * @param retryPolicy its timeout covers all attempts to get one token, because each request that needs the token waits
 *   for it
 */
export function oauth2Authorizer(
  auth: OAuth2,
  tokenUri: URL,
  nowMs: () => number,
  retryPolicy: RetryPolicy,
): RestAuthorizer {
  const token = createRefreshingValue(() => fetchToken(auth, tokenUri, nowMs, retryPolicy), nowMs)
  return {
    async authorize({ headers }, { signal, maxWaitMs }) {
      const timeoutController = new AbortController()
      const onTimeout = () =>
        timeoutController.abort(
          noResponseError(tokenUri, new ExchangeError(new IdleTimeoutError(TOKEN_TIMEOUT_MESSAGE), NOTHING_SENT)),
        )
      const timer = clock.after(maxWaitMs, onTimeout)
      try {
        const waitSignal = signal ? AbortSignal.any([signal, timeoutController.signal]) : timeoutController.signal
        return { ...headers, authorization: `Bearer ${await token.get(waitSignal)}` }
      } finally {
        timer.cancel()
      }
    },
    handleUnauthorized({ authorization }) {
      if (authorization !== undefined) token.invalidate(authorization.slice('Bearer '.length))
      return true
    },
  }
}

async function fetchToken(
  auth: OAuth2,
  tokenUri: URL,
  nowMs: () => number,
  retryPolicy: RetryPolicy,
): Promise<ExpiringValue<string>> {
  const requestedAtMs = nowMs()
  const response = parseTokenResponse(await requestToken(auth, tokenUri, nowMs, retryPolicy), requestedAtMs)
  switch (response.kind) {
    case 'token':
      return response.token
    case 'refused':
      throw new AppError(
        'catalog-refused',
        `The token server refused the connection's credentials (${response.errorCode}).`,
        { facts: { status: response.status, error: response.errorCode } },
      )
    case 'failed':
      throw new AppError('catalog-unavailable', `The token server answered ${response.status}.`, {
        facts: { status: response.status, error: response.errorCode },
      })
    case 'unreadable':
      throw new AppError('catalog-unavailable', 'The response of the token server contains no valid token.')
  }
}

async function requestToken(
  auth: OAuth2,
  url: URL,
  nowMs: () => number,
  { maxAttempts, timeoutMs }: RetryPolicy,
): Promise<ExchangeResponse> {
  const untilMs = nowMs() + timeoutMs
  for (let attempts = 1; ; attempts += 1) {
    try {
      const response = await exchangeWithLimits({
        method: 'POST',
        url,
        headers: TOKEN_REQUEST_HEADERS,
        body: tokenRequest(auth).toString(),
        timeoutMs: Math.max(1, untilMs - nowMs()),
        maxBytes: MAX_TOKEN_RESPONSE_BYTES,
      })
      const retryHint = { status: response.status, retryAfter: response.headers['retry-after'] ?? null }
      const delayMs = retryDelayMs(retryHint, { attempts, isIdempotent: true, maxAttempts }, nowMs())
      if (delayMs === null || nowMs() + delayMs >= untilMs) return response
      await pauseOrThrow(delayMs)
    } catch (error) {
      if (!(error instanceof ExchangeError)) throw error
      if (error.mightHaveArrived && !error.isTimeout && attempts < maxAttempts) continue
      throw noResponseError(url, error)
    }
  }
}

function noResponseError({ host }: URL, cause: ExchangeError): AppError {
  const facts = { host, reason: networkErrorCode(cause) }
  return new AppError('catalog-unavailable', 'The token server does not answer.', { cause, facts })
}

function tokenRequest({ clientId, clientSecret, scope, audience, resource }: OAuth2): URLSearchParams {
  const fields = { client_id: clientId, client_secret: clientSecret, scope, audience, resource }
  const present = Object.entries(fields).filter((field): field is [string, string] => field[1] !== null)
  return new URLSearchParams([['grant_type', 'client_credentials'], ...present])
}
