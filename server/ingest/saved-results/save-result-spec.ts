import 'server-only'
import * as z from 'zod'
import { statementFields } from '@/lib/contract/query-runs'
import { incrementalTables, loadLanding } from '@/lib/contract/shapes/load-options'
import type { JsonObject } from '@/lib/iceberg/json/json'
import type { IncrementalTable } from '@/lib/ingest/incremental-table'
import type { LoadLanding } from '@/lib/ingest/load-landing'
import type { RejectLimit } from '@/lib/ingest/reject-limit'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { QueryRequest } from '@/lib/query/engine'
import type { NewTask, RunActor } from '@/server/db/jobs/task-columns'
import { SAVE_RESULT } from '@/server/jobs/private-runs'
import type { NewTableSpec } from '../run/ingest-spec'

/** A statement as a user typed it, with the values of its parameters. */
export type SavedQuery = Pick<QueryRequest, 'sql' | 'cursor' | 'connection' | 'asOf' | 'parameters'>

/** The task of one run that saves a result; stored with the run as JSON. It acts for the user of the run. */
export type SaveResultSpec = {
  query: SavedQuery
  landing: LoadLanding
  /** The table to create; null: the table exists. */
  create: NewTableSpec | null
  /** For a run of a schedule; absent: the result is saved once. */
  repeat?: RepeatedResult
} & RejectLimit

export type RepeatedResult = {
  /** When the run was due. */
  slotAtMs: number
  /** When the last run before it that succeeded was due; null for the first. */
  previousSlotAtMs: number | null
  /** The tables of which only appended rows are read. */
  incremental: readonly IncrementalTable[]
}

export const HOW_TO_SAVE_BY_TWO =
  'Save the result as a new table, or export it as Parquet and propose a load of the file, so that another user can commit it.'

export const saveResultFields = {
  query: z.object(statementFields),
  landing: loadLanding,
  create: z
    .object({
      schema: z.string(),
      partitionBy: z.string().nullable(),
      properties: z.record(z.string(), z.string()),
    })
    .nullable(),
  maxRejectedRows: z.int().nonnegative(),
  maxRejectedShare: z.number().min(0).max(1).exactOptional(),
}

const saveResultSpec = z.object({
  ...saveResultFields,
  repeat: z
    .object({
      slotAtMs: z.int(),
      previousSlotAtMs: z.int().nullable(),
      incremental: incrementalTables,
    })
    .exactOptional(),
})

/** The title names neither the statement nor the tables that it reads: other users see it. */
export function toSaveResultTask(table: TableIdentifier, spec: SaveResultSpec, actor: RunActor): NewTask {
  return { kind: SAVE_RESULT, title: 'Save the result of a query', spec: saveResultSpec.encode(spec), actor, table }
}

export function parseSaveResultSpec(spec: JsonObject): SaveResultSpec {
  return saveResultSpec.parse(spec)
}
