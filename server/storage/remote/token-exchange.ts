import 'server-only'
import { AppError } from '@/lib/errors'
import { type Fresh, replacedAtMs } from '@/lib/kept-fresh'
import { parseExactJson } from '@/lib/iceberg/exact-json'
import { JsonFields } from '@/lib/iceberg/json-fields'
import { bytesOf, exchange } from '@/server/http-out/http-exchange'

const MAX_ANSWER_BYTES = 256 * 1024
const SILENCE_MS = 20_000

/**
 * A token for a store, from the token server (RFC 6749) that its credentials are for. No redirect is followed, and
 * nothing of the answer but the word RFC 6749 has for a refusal is said on.
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
  const { status, text } = await asked(url, new URLSearchParams(form))
  if (status !== 200) throw refused(url, status, text)
  try {
    const answer = new JsonFields(parseExactJson(text), '')
    const lifetimeMs = answer.has('expires_in') ? answer.count('expires_in') * 1000 : Number.POSITIVE_INFINITY
    return { value: answer.text('access_token'), untilMs: replacedAtMs(askedAtMs, askedAtMs + lifetimeMs) }
  } catch {
    // What it holds may be half a token: neither shown nor logged.
    throw new AppError('storage-unavailable', `The token server at ${url.host} answered with no token.`)
  }
}

async function asked(url: URL, form: URLSearchParams): Promise<{ status: number; text: string }> {
  const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' }
  const body = new TextEncoder().encode(form.toString())
  try {
    const answer = await exchange({ method: 'POST', url, headers, body }, { silenceMs: SILENCE_MS })
    const bytes = await bytesOf(answer, MAX_ANSWER_BYTES, SILENCE_MS)
    return { status: answer.statusCode ?? 0, text: new TextDecoder().decode(bytes ?? undefined) }
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError('storage-unavailable', `The token server at ${url.host} does not answer.`, { cause })
  }
}

function refused({ host }: URL, status: number, text: string): AppError {
  const word = /"error"\s*:\s*"([a-z_]{1,40})"/.exec(text)?.[1] ?? null
  if (status !== 400 && status !== 401 && status !== 403) {
    return new AppError('storage-unavailable', `The token server at ${host} answered ${status}.`)
  }
  return new AppError('forbidden', `The token server at ${host} refused the credentials (${word ?? status}).`)
}
