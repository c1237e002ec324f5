import 'server-only'
import { sign } from 'node:crypto'
import { AppError } from '@/lib/errors'
import { parseExactJson } from '@/lib/iceberg/exact-json'
import { type Fresh, keptFresh } from '@/lib/kept-fresh'
import { exchangedToken } from '../remote/token-exchange'
import { textAt } from '../remote/xml'
import type { GcsCredentials } from '../storage-access'
import { machineTokens } from './machine-tokens'

export type TokenSource = {
  /** Null for who goes without. */
  get(signal?: AbortSignal): Promise<string | null>
  /** Called when the store refused the token: one that was kept is asked for anew. */
  refused(): void
}

const SCOPES = 'https://www.googleapis.com/auth/devstorage'
/** Longer ones are refused. */
const LIFE_SECONDS = 3_600

/** Where the tokens are from that requests to Google's store are sent with. */
export function tokenSource(credentials: GcsCredentials, isReadOnly: boolean): TokenSource {
  const scope = `${SCOPES}.${isReadOnly ? 'read_only' : 'read_write'}`
  switch (credentials.kind) {
    case 'anonymous':
      return { get: async () => null, refused: () => {} }
    case 'bearer':
      return { get: async () => usable(credentials), refused: () => {} }
    case 'machine':
      return machineTokens(scope)
    case 'service-account': {
      const kept = keptFresh(() => accountToken(credentials.serviceAccountKey, scope), Date.now)
      let last = ''
      return {
        async get(signal) {
          last = await kept.get(signal)
          return last
        },
        refused: () => kept.forget(last),
      }
    }
  }
}

function usable({ token, expiresAtMs }: Extract<GcsCredentials, { kind: 'bearer' }>): string {
  if (expiresAtMs !== undefined && expiresAtMs <= Date.now()) {
    throw new AppError('forbidden', 'The credentials for this storage have expired.')
  }
  return token
}

/**
 * A token for what a service account's key proves.
 *
 * Spec: RFC 7523, section 2.1, as Google's *Using OAuth 2.0 for server to server applications* has it.
 */
function accountToken(keyText: string, scope: string): Promise<Fresh<string>> {
  const { email, keyId, privateKey, tokenUrl } = accountKey(keyText)
  const nowSeconds = Math.floor(Date.now() / 1000)
  const header = { alg: 'RS256', typ: 'JWT', ...(keyId !== null && { kid: keyId }) }
  const claims = { iss: email, scope, aud: tokenUrl.href, iat: nowSeconds, exp: nowSeconds + LIFE_SECONDS }
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const assertion = `${text}.${signature(text, privateKey)}`
  return exchangedToken(tokenUrl, { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion })
}

/** As Google's console gives it, in JSON. */
function accountKey(text: string) {
  const key = jsonOf(text)
  const email = textAt(key, 'client_email')
  const privateKey = textAt(key, 'private_key')
  const tokenUrl = URL.parse(textAt(key, 'token_uri') ?? '')
  if (email === null || privateKey === null || !/^https?:$/.test(tokenUrl?.protocol ?? '')) throw noKey()
  return { email, keyId: textAt(key, 'private_key_id'), privateKey, tokenUrl: tokenUrl as URL }
}

function jsonOf(text: string): unknown {
  try {
    return parseExactJson(text)
  } catch {
    throw noKey()
  }
}

function signature(text: string, privateKey: string): string {
  try {
    return sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url')
  } catch {
    throw noKey()
  }
}

/** Without a cause: what was typed may be half a key. */
function noKey(): AppError {
  return new AppError('forbidden', 'The service account key for this storage is not one, as Google gives it in JSON.')
}
