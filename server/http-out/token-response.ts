import 'server-only'
import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import { JsonFields } from '@/lib/iceberg/json/json-fields'
import { type ExpiringValue, refreshTimeMs } from '@/lib/refreshing-value'

/** For a token server's response; a token is a few kilobytes at most. */
export const MAX_TOKEN_RESPONSE_BYTES = 256 * 1024

/** For a request to a token server: its fields are a form (RFC 6749, appendix B). */
export const TOKEN_REQUEST_HEADERS = {
  accept: 'application/json',
  'content-type': 'application/x-www-form-urlencoded',
} as const

/**
 * The response of a token server. Of its text only the token and the error code of a refusal are passed on: the rest
 * may repeat a secret, or contain half a token.
 */
export type TokenResponse =
  | { kind: 'token'; token: ExpiringValue<string> }
  /** The server refused the credentials; `word` is the `error` of RFC 6749 section 5.2, or the status. */
  | { kind: 'refused'; status: number; errorCode: string }
  | { kind: 'failed'; status: number; errorCode: string }
  | { kind: 'unreadable' }

/** RFC 6749 section 5. A token without `expires_in` is used until a server refuses it. */
export function parseTokenResponse(
  { status, text }: { status: number; text: string },
  requestedAtMs: number,
): TokenResponse {
  if (status !== 200) {
    const errorCode = /"error"\s*:\s*"([a-z_]{1,40})"/.exec(text)?.[1] ?? String(status)
    return { kind: [400, 401, 403].includes(status) ? 'refused' : 'failed', status, errorCode }
  }
  try {
    const fields = new JsonFields(parseExactJson(text), '')
    const lifetimeMs = fields.has('expires_in') ? fields.count('expires_in') * 1000 : Number.POSITIVE_INFINITY
    const untilMs = refreshTimeMs(requestedAtMs, requestedAtMs + lifetimeMs)
    return { kind: 'token', token: { value: fields.text('access_token'), validUntilMs: untilMs } }
  } catch {
    return { kind: 'unreadable' }
  }
}
