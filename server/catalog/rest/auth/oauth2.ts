import 'server-only'
import { AppError } from '@/lib/errors'
import { parseExactJson } from '@/lib/iceberg/exact-json'
import { JsonFields } from '@/lib/iceberg/json-fields'
import { boundedFetch, ExchangeFailed, type Exchanged, networkCode } from '../bounded-fetch'
import { type Fresh, keptFresh, replacedAtMs } from '../kept-fresh'
import { MOST_TRIES, pause, retryPauseMs } from '../rest-retry'
import type { RestAuth } from '../rest-settings'
import type { RestAuthorizer } from './rest-authorizer'

type OAuth2 = Extract<RestAuth, { kind: 'oauth2' }>

const TOKEN_TIMEOUT_MS = 20_000
const MAX_TOKEN_ANSWER_BYTES = 256 * 1024

/**
 * OAuth2 client credentials (RFC 6749 section 4.4): one token for all requests, replaced before it ends and once
 * after it is refused. Where the catalog's configuration names another token server it is not believed: the
 * connection's secret goes to the address its admin gave.
 */
export function oauth2(auth: OAuth2, tokenUri: URL, nowMs: () => number): RestAuthorizer {
  const token = keptFresh(() => fetchToken(auth, tokenUri, nowMs), nowMs)
  return {
    authorize: async ({ headers }, signal) => ({ ...headers, authorization: `Bearer ${await token.get(signal)}` }),
    refused({ authorization }) {
      if (authorization !== undefined) token.forget(authorization.slice('Bearer '.length))
      return true
    },
  }
}

async function fetchToken(auth: OAuth2, tokenUri: URL, nowMs: () => number): Promise<Fresh<string>> {
  const askedAtMs = nowMs()
  const { status, text } = await askForToken(auth, tokenUri, nowMs)
  if (status !== 200) throw refused(status, text)
  try {
    const answer = new JsonFields(parseExactJson(text), '')
    const lifetimeMs = answer.has('expires_in') ? answer.count('expires_in') * 1000 : Number.POSITIVE_INFINITY
    return { value: answer.text('access_token'), untilMs: replacedAtMs(askedAtMs, askedAtMs + lifetimeMs) }
  } catch {
    // What it holds may be half a token: neither shown nor logged.
    throw new AppError('catalog-unavailable', 'The token server answered with something that is not a token.')
  }
}

async function askForToken(auth: OAuth2, url: URL, nowMs: () => number): Promise<Exchanged> {
  for (let tries = 1; ; tries += 1) {
    try {
      const answer = await boundedFetch({
        method: 'POST',
        url,
        headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
        body: tokenRequest(auth).toString(),
        timeoutMs: TOKEN_TIMEOUT_MS,
        maxBytes: MAX_TOKEN_ANSWER_BYTES,
      })
      const asked = { status: answer.status, retryAfter: answer.headers.get('retry-after') }
      const pauseMs = retryPauseMs(asked, { tries, isIdempotent: true }, nowMs())
      if (pauseMs === null) return answer
      await pause(pauseMs)
    } catch (error) {
      if (!(error instanceof ExchangeFailed)) throw error
      if (error.mightHaveArrived && tries < MOST_TRIES) continue
      throw new AppError('catalog-unavailable', 'The token server does not answer.', {
        cause: error,
        facts: { host: url.host, reason: networkCode(error) },
      })
    }
  }
}

function tokenRequest({ clientId, clientSecret, scope, audience, resource }: OAuth2): URLSearchParams {
  const fields = { client_id: clientId, client_secret: clientSecret, scope, audience, resource }
  const given = Object.entries(fields).filter((field): field is [string, string] => field[1] !== null)
  return new URLSearchParams([['grant_type', 'client_credentials'], ...given])
}

/** RFC 6749 section 5.2: `error` is one of a few words; the description is left out, it may repeat what was sent. */
function refused(status: number, text: string): AppError {
  const word = /"error"\s*:\s*"([a-z_]{1,40})"/.exec(text)?.[1] ?? null
  const facts = { status, error: word }
  if (status === 400 || status === 401 || status === 403) {
    return new AppError(
      'catalog-refused',
      `The token server refused the connection's credentials (${word ?? status}).`,
      {
        facts,
      },
    )
  }
  return new AppError('catalog-unavailable', `The token server answered ${status}.`, { facts })
}
