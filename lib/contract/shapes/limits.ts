import * as z from 'zod'
import { MAX_NAME_CHARS, MAX_NAMESPACE_CHARS } from '@/lib/names/name-limits'

/**
 * Bounds of inputs that have no narrower rule. Each bounds the work that one request can cause, and is far above what
 * the console, engines and other catalogs use.
 */

/** A text of a URL. The web server refuses a longer head of a request. */
export const MAX_URL_TEXT_CHARS = 16_384
/** In characters, as in `CATALOG_NAME_PATTERN`. */
const MAX_CATALOG_NAME_CHARS = 64
/**
 * The catalog, a namespace with all its levels, and a table or view in it, with dots between them, which a user types to
 * confirm a removal.
 */
export const MAX_CONFIRMED_NAME_CHARS = MAX_CATALOG_NAME_CHARS + 1 + MAX_NAMESPACE_CHARS + 1 + MAX_NAME_CHARS

/** A record of at most `maxEntries`, which the API reference states, too. */
export function boundedRecord<Key extends z.core.$ZodRecordKey, Value extends z.ZodType>(
  key: Key,
  value: Value,
  maxEntries: number,
) {
  return z
    .record(key, value)
    .refine((record) => Object.keys(record).length <= maxEntries, `At most ${maxEntries} entries are allowed.`)
    .meta({ maxProperties: maxEntries })
}
