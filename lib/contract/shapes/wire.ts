import { z } from 'zod'
import type { AsOf } from '@/lib/iceberg/as-of'
import { joinNamespace, splitNamespace } from '@/lib/iceberg/identifiers'

/** An array of levels in the program, one string joined by 0x1F on the wire. */
export const namespaceOnWire = z.codec(z.string().min(1), z.array(z.string().min(1)).readonly(), {
  decode: splitNamespace,
  encode: joinNamespace,
})

/** A 64-bit id as decimal text: `JSON.parse` rounds integers above 2^53. */
export const longId = z.string().regex(/^-?\d{1,19}$/, 'a whole number of at most 19 digits')

/** The name of a branch or a tag that exists. Other programs give longer ones than can be given here. */
export const refName = z.string().min(1).max(1000)

/** A count or a number of bytes. Values beyond 2^53 are rejected, not rounded. */
export const count = z.int().nonnegative()

/** An instant, in milliseconds since 1970-01-01T00:00Z. */
export const instantMs = z.int()

/** An integer in a query string, which contains only text. */
export const intInQuery = z.codec(z.string().regex(/^-?\d{1,16}$/, 'a whole number of at most 16 digits'), z.int(), {
  decode: Number,
  encode: String,
})

export const catalogInput = z.object({ catalog: z.string().min(1) })
export const namespaceInput = catalogInput.extend({ namespace: namespaceOnWire })
export const tableInput = namespaceInput.extend({ table: z.string().min(1) })

/** A table as of a ref, a snapshot or a time, as query fields (GET). At most one of the three is given. */
export const tableAsOfInput = tableInput.extend({
  ref: z.string().min(1).optional(),
  snapshot: longId.optional(),
  at: intInQuery.optional(),
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
