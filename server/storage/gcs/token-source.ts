import 'server-only'
import { sign } from 'node:crypto'
import { AppError } from '@/lib/errors'
import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import { type ExpiringValue, createRefreshingValue } from '@/lib/refreshing-value'
import { clock } from '@/server/timing/clock'
import { fetchToken } from '../remote/fetch-token'
import { textAt } from '../remote/xml'
import type { GcsCredentials } from '../../locations/storage-access'
import { machineTokens } from './machine-tokens'

export type TokenSource = {
  /** Null for anonymous access. */
  get(signal?: AbortSignal): Promise<string | null>
  /** Called when the store refused the token: a cached token is then requested again. */
  invalidate(): void
}

const SCOPE_PREFIX = 'https://www.googleapis.com/auth/devstorage'
/** Google refuses longer lifetimes. */
const TOKEN_LIFETIME_SECONDS = 3_600

/** Provides the tokens for requests to Google Cloud Storage. */
export function tokenSource(credentials: GcsCredentials, isReadOnly: boolean): TokenSource {
  const scope = `${SCOPE_PREFIX}.${isReadOnly ? 'read_only' : 'read_write'}`
  switch (credentials.kind) {
    case 'anonymous':
      return { get: async () => null, invalidate: () => {} }
    case 'bearer':
      return { get: async () => requireUnexpired(credentials), invalidate: () => {} }
    case 'machine':
      return machineTokens(scope)
    case 'service-account': {
      const cached = createRefreshingValue(() => fetchAccountToken(credentials.serviceAccountKey, scope), clock.nowMs)
      let lastToken = ''
      return {
        async get(signal) {
          lastToken = await cached.get(signal)
          return lastToken
        },
        invalidate: () => cached.invalidate(lastToken),
      }
    }
  }
}

function requireUnexpired({ token, expiresAtMs }: Extract<GcsCredentials, { kind: 'bearer' }>): string {
  if (expiresAtMs !== undefined && expiresAtMs <= clock.nowMs()) {
    throw new AppError('forbidden', 'The credentials for this storage have expired.')
  }
  return token
}

/**
 * Exchanges a service account's key for a token.
 *
 * Spec: RFC 7523, section 2.1, as described in Google's *Using OAuth 2.0 for server to server applications*.
 */
function fetchAccountToken(keyText: string, scope: string): Promise<ExpiringValue<string>> {
  const { email, keyId, privateKey, tokenUrl } = parseAccountKey(keyText)
  const nowSeconds = Math.floor(clock.nowMs() / 1000)
  const header = { alg: 'RS256', typ: 'JWT', ...(keyId !== null && { kid: keyId }) }
  const claims = { iss: email, scope, aud: tokenUrl.href, iat: nowSeconds, exp: nowSeconds + TOKEN_LIFETIME_SECONDS }
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const assertion = `${text}.${signText(text, privateKey)}`
  return fetchToken(tokenUrl, { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion })
}

/** The JSON key file from Google's console. */
function parseAccountKey(text: string) {
  const key = parseKeyJson(text)
  const email = textAt(key, 'client_email')
  const privateKey = textAt(key, 'private_key')
  const tokenUrl = URL.parse(textAt(key, 'token_uri') ?? '')
  if (email === null || privateKey === null || !/^https?:$/.test(tokenUrl?.protocol ?? '')) throw invalidKeyError()
  return { email, keyId: textAt(key, 'private_key_id'), privateKey, tokenUrl: tokenUrl as URL }
}

function parseKeyJson(text: string): unknown {
  try {
    return parseExactJson(text)
  } catch {
    throw invalidKeyError()
  }
}

function signText(text: string, privateKey: string): string {
  try {
    return sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url')
  } catch {
    throw invalidKeyError()
  }
}

/** Has no cause, because the text could be half a key. */
function invalidKeyError(): AppError {
  return new AppError(
    'forbidden',
    'The service account key for this storage is not valid. Use the JSON key file from Google.',
  )
}
