import 'server-only'
import { AppError } from '@/lib/errors'
import { type Fresh, keptFresh } from '@/lib/kept-fresh'
import { SilenceError } from '@/server/http-out/http-exchange'
import { MAX_TOKEN_RESPONSE_BYTES, TOKEN_REQUEST_HEADERS, tokenResponse } from '@/server/http-out/token-response'
import { boundedExchange, ExchangeFailed, type Exchanged, networkCode } from '../bounded-exchange'
import { type Patience, pause, retryPauseMs } from '../rest-retry'
import type { RestAuth } from '../rest-settings'
import type { RestAuthorizer } from './rest-authorizer'

type OAuth2 = Extract<RestAuth, { kind: 'oauth2' }>

const LATE = 'No token came while the request could wait for it.'
/** Of the request that waited. */
const NOTHING_SENT = { mightHaveArrived: false }

/**
 * OAuth2 client credentials (RFC 6749 section 4.4): one token for all requests, replaced before it ends and once
 * after it is refused. Where the catalog's configuration names another token server it is not believed: the
 * connection's secret goes to the address its admin gave.
 *
 * @param patience its time is for all tries of one token together: each request that needs the token waits for it
 */
export function oauth2(auth: OAuth2, tokenUri: URL, nowMs: () => number, patience: Patience): RestAuthorizer {
  const token = keptFresh(() => fetchToken(auth, tokenUri, nowMs, patience), nowMs)
  return {
    async authorize({ headers }, { signal, longestMs }) {
      const late = new AbortController()
      const giveUp = () => late.abort(unanswered(tokenUri, new ExchangeFailed(new SilenceError(LATE), NOTHING_SENT)))
      const timer = setTimeout(giveUp, longestMs)
      try {
        const waits = signal ? AbortSignal.any([signal, late.signal]) : late.signal
        return { ...headers, authorization: `Bearer ${await token.get(waits)}` }
      } finally {
        clearTimeout(timer)
      }
    },
    refused({ authorization }) {
      if (authorization !== undefined) token.forget(authorization.slice('Bearer '.length))
      return true
    },
  }
}

async function fetchToken(
  auth: OAuth2,
  tokenUri: URL,
  nowMs: () => number,
  patience: Patience,
): Promise<Fresh<string>> {
  const askedAtMs = nowMs()
  const response = tokenResponse(await askForToken(auth, tokenUri, nowMs, patience), askedAtMs)
  switch (response.kind) {
    case 'token':
      return response.token
    case 'refused':
      throw new AppError(
        'catalog-refused',
        `The token server refused the connection's credentials (${response.word}).`,
        { facts: { status: response.status, error: response.word } },
      )
    case 'failed':
      throw new AppError('catalog-unavailable', `The token server answered ${response.status}.`, {
        facts: { status: response.status, error: response.word },
      })
    case 'unreadable':
      throw new AppError('catalog-unavailable', 'The token server answered with something that is not a token.')
  }
}

async function askForToken(
  auth: OAuth2,
  url: URL,
  nowMs: () => number,
  { mostTries, timeoutMs }: Patience,
): Promise<Exchanged> {
  const untilMs = nowMs() + timeoutMs
  for (let tries = 1; ; tries += 1) {
    try {
      const answer = await boundedExchange({
        method: 'POST',
        url,
        headers: TOKEN_REQUEST_HEADERS,
        body: tokenRequest(auth).toString(),
        timeoutMs: Math.max(1, untilMs - nowMs()),
        maxBytes: MAX_TOKEN_RESPONSE_BYTES,
      })
      const asked = { status: answer.status, retryAfter: answer.headers['retry-after'] ?? null }
      const pauseMs = retryPauseMs(asked, { tries, isIdempotent: true, mostTries }, nowMs())
      if (pauseMs === null || nowMs() + pauseMs >= untilMs) return answer
      await pause(pauseMs)
    } catch (error) {
      if (!(error instanceof ExchangeFailed)) throw error
      if (error.mightHaveArrived && !error.isSilence && tries < mostTries) continue
      throw unanswered(url, error)
    }
  }
}

function unanswered({ host }: URL, cause: ExchangeFailed): AppError {
  const facts = { host, reason: networkCode(cause) }
  return new AppError('catalog-unavailable', 'The token server does not answer.', { cause, facts })
}

function tokenRequest({ clientId, clientSecret, scope, audience, resource }: OAuth2): URLSearchParams {
  const fields = { client_id: clientId, client_secret: clientSecret, scope, audience, resource }
  const given = Object.entries(fields).filter((field): field is [string, string] => field[1] !== null)
  return new URLSearchParams([['grant_type', 'client_credentials'], ...given])
}
