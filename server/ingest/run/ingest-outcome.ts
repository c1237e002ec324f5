import 'server-only'
import { z } from 'zod'
import type { JsonObject } from '@/lib/iceberg/json/json'

/** What a run of ingest did; kept with the run. */
export type IngestOutcome = {
  /** Null when the input had no rows: then no snapshot was made. */
  snapshotId: string | null
  rowsRead: number
  rowsCommitted: number
  rowsRejected: number
  /** Location of the list of rows that were left out; a path in runs of before. */
  rejectsFile: string | null
  fileCount: number
  storedBytes: number
}

const outcomeSchema = z.object({
  snapshotId: z.string().nullable(),
  rowsRead: z.int(),
  rowsCommitted: z.int(),
  rowsRejected: z.int(),
  rejectsFile: z.string().nullable(),
  fileCount: z.int(),
  storedBytes: z.int(),
})

export function parseIngestOutcome(json: JsonObject): IngestOutcome {
  return outcomeSchema.parse(json)
}
