import * as z from 'zod'
import { instantText } from '@/lib/names/instant-text'
import { INSTANT_PATTERN, parseInstantMs } from '@/lib/names/parse-instant'
import type { AsOf } from '@/lib/iceberg/as-of'
import { joinNamespace, splitNamespace } from '@/lib/names/identifiers'
import { MAX_NAME_CHARS, MAX_NAMESPACE_CHARS, MAX_NAMESPACE_LEVELS } from '@/lib/names/name-limits'
import { MAX_FIELD_NAME_CHARS, MAX_LOCATION_CHARS } from '@/lib/iceberg/text-limits'
import { MAX_CONFIRMED_NAME_CHARS } from './limits'

/** The name of a catalog, a table or a view, or a level of a namespace, in a request. */
export const entryName = z.string().min(1).max(MAX_NAME_CHARS)

/** The levels of a namespace in a request, as a list on the wire, too. */
export const namespaceLevels = z.array(entryName).min(1).max(MAX_NAMESPACE_LEVELS)

const namespaceCodec = { decode: splitNamespace, encode: joinNamespace }

/** A namespace in a request: an array of levels in the program, one string joined by 0x1F on the wire. */
export const namespaceOnWire = z.codec(
  z.string().min(1).max(MAX_NAMESPACE_CHARS),
  namespaceLevels.readonly(),
  namespaceCodec,
)

/** A namespace in a response. Other programs make larger ones than can be requested here, and no list fails because of one. */
export const listedNamespace = z.codec(z.string().min(1), z.array(z.string().min(1)).readonly(), namespaceCodec)

/** A 64-bit id as decimal text: `JSON.parse` rounds integers above 2^53. */
export const longId = z.string().regex(/^-?\d{1,19}$/, 'a whole number of at most 19 digits')

/** The id of a run, a schedule or an upload. */
export const idText = z.string().regex(/^[\w-]{1,64}$/, 'an id of 1 to 64 letters, digits, _ and -')

export const proposalId = z.string().regex(/^\w{1,64}$/)

/** The name of a branch or a tag that exists. Other programs give longer ones than can be given here. */
export const refName = z.string().min(1).max(MAX_FIELD_NAME_CHARS)

/** Chosen by the client: a repeated request with the same key is carried out once and gets the same answer. */
export const idempotencyKey = z.string().min(16).max(100)

/** The location of a file or a folder. */
export const location = z.string().min(1).max(MAX_LOCATION_CHARS)

/** Typed by a user to confirm a removal. */
export const confirmedName = z.string().max(MAX_CONFIRMED_NAME_CHARS)

/** A count or a number of bytes. Values beyond 2^53 are rejected, not rounded. */
export const count = z.int().nonnegative()

/** An instant, in milliseconds since 1970-01-01T00:00Z. */
export const instantMs = z.int()

const INSTANT_RULE = 'a time with its offset, such as 2026-11-23T00:35:00Z, or milliseconds since 1970'

/** An integer in a query string, which contains only text. */
export const intInQuery = z.codec(z.string().regex(/^-?\d{1,16}$/, 'a whole number of at most 16 digits'), z.int(), {
  decode: Number,
  encode: String,
})

/**
 * An instant in a query string. A time without an offset is refused, because the server does not know the zone of the
 * caller.
 */
export const instantInQuery = z.codec(z.string().regex(INSTANT_PATTERN, INSTANT_RULE), z.int(), {
  decode: (text, { issues }) => {
    const atMs = parseInstantMs(text)
    if (atMs !== null) return atMs
    issues.push({ code: 'invalid_format', format: 'regex', input: text, message: INSTANT_RULE })
    return z.NEVER
  },
  encode: instantText,
})

export const catalogInput = z.object({ catalog: entryName })
export const namespaceInput = catalogInput.extend({ namespace: namespaceOnWire })
export const tableInput = namespaceInput.extend({ table: entryName })

/** A table as of a ref, a snapshot or a time, as query fields (GET). At most one of the three is given. */
export const tableAsOfInput = tableInput.extend({
  ref: refName.optional(),
  snapshot: longId.optional(),
  at: instantInQuery.optional(),
})

/** The as-of part of an input, in the form that the program uses. */
export function asOfFromInput(input: {
  ref?: string | undefined
  snapshot?: string | undefined
  at?: number | undefined
}): AsOf {
  return {
    ...(input.ref !== undefined && { ref: input.ref }),
    ...(input.snapshot !== undefined && { snapshotId: input.snapshot }),
    ...(input.at !== undefined && { atMs: input.at }),
  }
}
