import * as z from 'zod'
import { MAX_JSON_CHARS } from '../../iceberg/json/exact-json'
import { MAX_FIELD_NAME_CHARS } from '../../iceberg/text-limits'

/** The parts that intents of several kinds have, as they arrive from outside. */

export const fieldId = z.int().min(0).max(2_147_483_647)
/** The name of a column, a partition field, a branch or a tag. */
export const nameText = z.string().max(MAX_FIELD_NAME_CHARS)
/** The value that a property had. Writers without limits may have stored any that fits into a metadata file. */
export const earlierProperty = z.string().max(MAX_JSON_CHARS).nullable()
export const docText = z.string().max(32_768)
export const snapshotId = z.string().regex(/^-?\d{1,19}$/, 'a whole number of at most 19 digits')
export const columnTarget = { fieldId, column: z.array(nameText).min(1).max(100).readonly() }
/** After which sibling a column is: the id of one, the name of one that the same commit adds, null: before all. */
export const after = z.union([fieldId, nameText]).nullable()
/** JSON of a value as the specification writes defaults, as text: a number in JSON would be rounded. */
export const defaultText = z.string().max(32_768)
export const retention = z.object({
  minSnapshotsToKeep: z.int().min(1).max(2_147_483_647).nullable(),
  maxSnapshotAgeMs: z.int().min(1).nullable(),
  maxRefAgeMs: z.int().min(1).nullable(),
})

export const safetyTag = z.object({ name: nameText, maxRefAgeMs: z.int().min(1).nullable() }).nullable()

/** How long after an expiry its files are removed, a year at most; null: never. */
export const removalWindow = z
  .int()
  .min(0)
  .max(365 * 24 * 60 * 60 * 1000)
  .nullable()
