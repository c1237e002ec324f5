import 'server-only'
import * as z from 'zod'

/** The progress of a clone. It outlives pauses and crashes, so that copied files are not copied again. */
export const cloneJournalSchema = z.object({
  location: z.string(),
  /** UUID of the clone, which identifies its creation. */
  tableUuid: z.string(),
  snapshotId: z.string(),
  startedAtMs: z.int(),
  /** So many files, in their order, are copied and proved. */
  copiedCount: z.int(),
  /** Whether the request that creates the table may have been sent. */
  mayBeSent: z.boolean(),
  outcome: z.record(z.string(), z.json()).nullable(),
})
export type CloneJournal = z.output<typeof cloneJournalSchema>
