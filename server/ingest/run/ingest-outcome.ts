import 'server-only'
import { z } from 'zod'
import type { JsonObject } from '@/lib/iceberg/json/json'

/** The result of an ingest run, stored with the run. */
export type IngestOutcome = {
  /** Null when the input had no rows, so that no snapshot was created. */
  snapshotId: string | null
  rowsRead: number
  rowsCommitted: number
  rowsRejected: number
  /** Location of the list of rejected rows; a local path in older runs. */
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
