import 'server-only'
import { AppError } from '@/lib/errors'
import { bodyText, type SentBody } from './body-text'

/** An escape of JSON: a pair of surrogates, half of one, or any other. */
const ESCAPE = /\\(?:ud[89ab][\da-f]{2}\\ud[c-f][\da-f]{2}|u(d[89a-f])|.)/gis

/**
 * As `bodyText`, of a body that is to be JSON. Half a character, which only an escape can make, is refused here, since
 * no file and no database could keep it: a name would become another.
 *
 * @throws {AppError} too-large, invalid-request
 */
export async function bodyJson(request: SentBody, maxBytes: number): Promise<string> {
  const json = await bodyText(request, maxBytes)
  for (const [, half] of json.matchAll(ESCAPE)) {
    if (half === undefined) continue
    throw new AppError('invalid-request', 'The body holds half a character (an unpaired surrogate).')
  }
  return json
}
