import 'server-only'
import * as z from 'zod'
import type { JsonObject } from '@/lib/iceberg/json/json'

/** The result of an ingest run, stored with the run. */
export type IngestOutcome = {
  /** Null when the load changed nothing, so that no snapshot was created. */
  snapshotId: string | null
  rowsRead: number
  rowsCommitted: number
  rowsRejected: number
  /** Location of the list of rejected rows; a local path in older runs. */
  rejectsFile: string | null
  /** How many of the rejected rows were saved as they came, so that they can be corrected and loaded. */
  recordsSaved: number
  /** The run whose rejected rows these were; null if the rows are new. */
  correctsRunId: string | null
  fileCount: number
  storedBytes: number
  /** The values of the files before encoding and compression; null in older runs. */
  plainBytes: number | null
  /** Rows with the key of another one that came later; null if keys do not matter, or in older runs. */
  rowsSuperseded: number | null
  /** Rows whose key the table had, and others; null as above. */
  rowsUpdated: number | null
  rowsInserted: number | null
  /** How many files a saved load of new files has loaded; null for all other loads. */
  newFileCount: number | null
  /** Files that changed after they were loaded, and were not loaded again. */
  changedFileCount: number | null
  /** New files that are left for the next run, because a load has only so many. */
  remainingFileCount: number | null
  /** The columns for which a file had no field, and the fields that were left out, as texts; null for none. */
  absentColumns: string | null
  skippedFields: string | null
  /** How far a schedule has come with this run, as its kind stores it; null for a run of no schedule, or without a state. */
  scheduleState: JsonObject | null
}

/** The outcome of a run without anything new to load. */
export function emptyOutcome(counts: FileCounts, scheduleState: JsonObject | null = null): IngestOutcome {
  return {
    snapshotId: null,
    rowsRead: 0,
    rowsCommitted: 0,
    rowsRejected: 0,
    rejectsFile: null,
    recordsSaved: 0,
    correctsRunId: null,
    fileCount: 0,
    storedBytes: 0,
    plainBytes: 0,
    rowsSuperseded: null,
    rowsUpdated: null,
    rowsInserted: null,
    ...counts,
    absentColumns: null,
    skippedFields: null,
    scheduleState,
  }
}

/** Why a load without an accepted row changed nothing, as the first half of a sentence. */
export function describeNoRows({ rowsRejected }: Pick<IngestOutcome, 'rowsRejected'>): string {
  return rowsRejected === 0 ? 'The input has no rows' : 'Every row of the input was rejected'
}

export type FileCounts = Pick<IngestOutcome, 'newFileCount' | 'changedFileCount' | 'remainingFileCount'>

/** Those of a load that does not ask which files are new. */
export const NO_FILE_COUNTS: FileCounts = { newFileCount: null, changedFileCount: null, remainingFileCount: null }

const outcomeSchema = z.object({
  snapshotId: z.string().nullable(),
  rowsRead: z.int(),
  rowsCommitted: z.int(),
  rowsRejected: z.int(),
  rejectsFile: z.string().nullable(),
  recordsSaved: z.int().default(0),
  correctsRunId: z.string().nullable().default(null),
  fileCount: z.int(),
  storedBytes: z.int(),
  plainBytes: z.int().nullable().default(null),
  rowsSuperseded: z.int().nullable().default(null),
  rowsUpdated: z.int().nullable().default(null),
  rowsInserted: z.int().nullable().default(null),
  newFileCount: z.int().nullable().default(null),
  changedFileCount: z.int().nullable().default(null),
  remainingFileCount: z.int().nullable().default(null),
  absentColumns: z.string().nullable().default(null),
  skippedFields: z.string().nullable().default(null),
  scheduleState: z.record(z.string(), z.json()).nullable().default(null),
})

export function parseIngestOutcome(json: JsonObject): IngestOutcome {
  return outcomeSchema.parse(json)
}
