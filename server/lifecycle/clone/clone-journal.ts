import 'server-only'
import { z } from 'zod'

/** How far a clone is. It outlives pauses and crashes, so that what is copied is not copied again. */
export const cloneJournalSchema = z.object({
  location: z.string(),
  /** Of the clone, by which its creation is recognised. */
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
