import 'server-only'
import { AppError } from '@/lib/errors'
import type { Fresh } from '@/lib/kept-fresh'
import { bytesOf, exchange } from '@/server/http-out/http-exchange'
import { MAX_TOKEN_RESPONSE_BYTES, TOKEN_REQUEST_HEADERS, tokenResponse } from '@/server/http-out/token-response'

const SILENCE_MS = 20_000

/**
 * A token for a store, from the token server (RFC 6749) that its credentials are for. No redirect is followed.
 *
 * @param form the fields of the request, the secret among them
 * @returns the token, and until when it is used
 * @throws {AppError} forbidden when the server refuses the credentials, storage-unavailable
 */
export async function exchangedToken(
  url: URL,
  form: Readonly<Record<string, string>>,
  nowMs: () => number = Date.now,
): Promise<Fresh<string>> {
  const askedAtMs = nowMs()
  const response = tokenResponse(await asked(url, new URLSearchParams(form)), askedAtMs)
  const server = `The token server at ${url.host}`
  switch (response.kind) {
    case 'token':
      return response.token
    case 'refused':
      throw new AppError('forbidden', `${server} refused the credentials (${response.word}).`)
    case 'failed':
      throw new AppError('storage-unavailable', `${server} answered ${response.status}.`)
    case 'unreadable':
      throw new AppError('storage-unavailable', `${server} answered with no token.`)
  }
}

async function asked(url: URL, form: URLSearchParams): Promise<{ status: number; text: string }> {
  const body = new TextEncoder().encode(form.toString())
  try {
    const answer = await exchange(
      { method: 'POST', url, headers: TOKEN_REQUEST_HEADERS, body },
      { silenceMs: SILENCE_MS },
    )
    const bytes = await bytesOf(answer, MAX_TOKEN_RESPONSE_BYTES, SILENCE_MS)
    return { status: answer.statusCode ?? 0, text: new TextDecoder().decode(bytes ?? undefined) }
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError('storage-unavailable', `The token server at ${url.host} does not answer.`, { cause })
  }
}
