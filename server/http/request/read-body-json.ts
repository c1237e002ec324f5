import 'server-only'
import { AppError } from '@/lib/errors'
import { readBodyText, type RequestBody } from './read-body-text'

/** A JSON escape: a pair of surrogates, half of one, or any other. */
const ESCAPE = /\\(?:ud[89ab][\da-f]{2}\\ud[c-f][\da-f]{2}|u(d[89a-f])|.)/gis

/**
 * Like `readBodyText`, for a JSON body. Refuses an unpaired surrogate, which only an escape can produce: no file and no
 * database can store it, so a name would become another name.
 *
 * @throws {AppError} too-large, invalid-request
 */
export async function readBodyJson(request: RequestBody, maxBytes: number): Promise<string> {
  const json = await readBodyText(request, maxBytes)
  for (const [, loneSurrogate] of json.matchAll(ESCAPE)) {
    if (loneSurrogate === undefined) continue
    throw new AppError('invalid-request', 'The body contains an unpaired surrogate (half a character).')
  }
  return json
}
