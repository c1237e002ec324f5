import 'server-only'
import { AppError } from '@/lib/errors'
import type { ExpiringValue } from '@/lib/refreshing-value'
import { readBody, sendRequest } from '@/server/http-out/send-request'
import { MAX_TOKEN_RESPONSE_BYTES, TOKEN_REQUEST_HEADERS, parseTokenResponse } from '@/server/http-out/token-response'
import { clock } from '@/server/timing/clock'

const IDLE_TIMEOUT_MS = 20_000

/**
 * Fetches a token for a store from the token server (RFC 6749) of its credentials. No redirect is followed.
 *
 * @param form the fields of the request, including the secret
 * @returns the token and its expiry
 * @throws {AppError} forbidden when the server refuses the credentials, storage-unavailable
 */
export async function fetchToken(
  url: URL,
  form: Readonly<Record<string, string>>,
  nowMs: () => number = clock.nowMs,
): Promise<ExpiringValue<string>> {
  const requestedAtMs = nowMs()
  const response = parseTokenResponse(await postForm(url, new URLSearchParams(form)), requestedAtMs)
  const server = `The token server at ${url.host}`
  switch (response.kind) {
    case 'token':
      return response.token
    case 'refused':
      throw new AppError('forbidden', `${server} refused the credentials (${response.errorCode}).`)
    case 'failed':
      throw new AppError('storage-unavailable', `${server} answered ${response.status}.`)
    case 'unreadable':
      throw new AppError('storage-unavailable', `${server} returned no token.`)
  }
}

async function postForm(url: URL, form: URLSearchParams): Promise<{ status: number; text: string }> {
  const body = new TextEncoder().encode(form.toString())
  try {
    const response = await sendRequest(
      { method: 'POST', url, headers: TOKEN_REQUEST_HEADERS, body },
      { idleTimeoutMs: IDLE_TIMEOUT_MS },
    )
    const bytes = await readBody(response, MAX_TOKEN_RESPONSE_BYTES, IDLE_TIMEOUT_MS)
    return { status: response.statusCode ?? 0, text: new TextDecoder().decode(bytes ?? undefined) }
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError('storage-unavailable', `The token server at ${url.host} does not answer.`, { cause })
  }
}
