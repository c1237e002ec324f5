import 'server-only'
import { AppError } from '@/lib/errors'
import { readBodyText, type RequestBody } from './read-body-text'

/** An escape of JSON: a pair of surrogates, half of one, or any other. */
const ESCAPE = /\\(?:ud[89ab][\da-f]{2}\\ud[c-f][\da-f]{2}|u(d[89a-f])|.)/gis

/**
 * As `bodyText`, of a body that is to be JSON. Half a character, which only an escape can make, is refused here, since
 * no file and no database could keep it: a name would become another.
 *
 * @throws {AppError} too-large, invalid-request
 */
export async function readBodyJson(request: RequestBody, maxBytes: number): Promise<string> {
  const json = await readBodyText(request, maxBytes)
  for (const [, loneSurrogate] of json.matchAll(ESCAPE)) {
    if (loneSurrogate === undefined) continue
    throw new AppError('invalid-request', 'The body holds half a character (an unpaired surrogate).')
  }
  return json
}
