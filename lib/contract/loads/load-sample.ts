import * as z from 'zod'
import { contractSchemas } from '../shapes/schemas'
import { count } from '../shapes/wire'

export const MAX_SAMPLED_REJECTS = 100
export const MAX_SAMPLED_PARTITIONS = 400

export const loadSample = z
  .object({
    /** Which part of the file the rows are from: all of it, its beginning, or blocks at equal distances. */
    from: z.enum(['whole', 'beginning', 'spread']),
    /** How many bytes of the file the sample takes. */
    inputBytes: count,
    rowsRead: count,
    rowsRejected: count,
    rejects: z
      .array(
        z.object({
          /** The line of the file; an estimate if `afterByte` is not null. */
          line: count,
          /** As that of a reject of a load. */
          record: count.exactOptional(),
          /** Set for a row that is in the 32 KiB behind this byte; null where the line is exact. */
          afterByte: count.nullable(),
          /** Null: the whole row. */
          column: z.string().nullable(),
          value: z.string().nullable(),
          reason: z.string(),
        }),
      )
      .max(MAX_SAMPLED_REJECTS),
    /** How often a value of a column did not fit, of the first 10,000; null for whole rows. */
    rejectedColumns: z.array(z.object({ column: z.string().nullable(), count })),
    /** The partitions with the most rows, in the order of their labels. An unpartitioned table has one, without a label. */
    partitions: z
      .array(
        z.object({
          label: z.string(),
          rowCount: count,
          /** The pages of its files, compressed as the table says. */
          storedBytes: count,
        }),
      )
      .max(MAX_SAMPLED_PARTITIONS),
    partitionCount: count,
    storedBytes: count,
    /** The rest of all its files, which grows with their number. */
    footerBytes: count,
  })
  .register(contractSchemas, { id: 'LoadSample' })
export type LoadSample = z.output<typeof loadSample>
