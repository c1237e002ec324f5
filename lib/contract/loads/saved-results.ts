import * as z from 'zod'
import { endpoint } from '../endpoint'
import { run, schedule, scheduleName, scheduleStartFields } from '../jobs'
import { statementFields } from '../query-runs'
import { incrementalTables, loadLanding, rejectedShare } from '../shapes/load-options'
import { confirmedName, count, idempotencyKey, idText, tableInput } from '../shapes/wire'

const MAX_SCHEMA_CHARS = 900_000
const MAX_PARTITIONING_CHARS = 10_000

/** A statement, and how the rows of its result become rows of the table that the request names. */
const savedResultFields = {
  query: z.object(statementFields),
  /** How the rows become rows of the table; without it they are appended to `main`. */
  landing: loadLanding.optional(),
  /** The table to create; without it the table exists. */
  create: z
    .object({
      /** Iceberg schema as JSON text; new field ids are assigned. */
      schema: z.string().min(2).max(MAX_SCHEMA_CHARS),
      /** `month(ts), bucket(16, id)`; null without a partition. */
      partitionBy: z.string().max(MAX_PARTITIONING_CHARS).nullable(),
      formatVersion: z.union([z.literal(2), z.literal(3)]),
    })
    .optional(),
  /** How many rows may be rejected; without it none, or any number within the share. */
  maxRejectedRows: count.optional(),
  /** Which share of all rows may be rejected, from 0 to 1; decided when all rows were read. */
  maxRejectedShare: rejectedShare.optional(),
  /** Namespace and name of the table, where the rows may replace those of partitions or all rows. */
  confirmedName: confirmedName.optional(),
  idempotencyKey: idempotencyKey.optional(),
}

export const saveResult = endpoint({
  summary: 'Queues a run that saves the result of a query as rows of a table, as one snapshot',
  description:
    'The run acts for the caller: it reads every table and view that the statement names with the grants that the caller has when it starts, and runs on the engine of the server with its limits. The whole result is written, of at most 4 GiB as a Parquet file. Columns are filled by name. A value that its column cannot hold exactly rejects its row; the run stops, and changes nothing, when more rows, or a larger share of them, are rejected than allowed. With `create`, the run creates the table, and fails when it exists. Fails with `not-supported` on a server that does not run queries. Where a policy demands two people, only new tables are allowed.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/saved-results',
  permission: 'table:write',
  input: tableInput.extend(savedResultFields),
  output: z.object({ run }),
})

export const repeatResult = endpoint({
  summary: 'Saves a statement whose result is brought into a table at times, after changes of tables, or by hand',
  description:
    'Creates a schedule of the caller, for whom its runs act. Each run is one of `saveResult`, and reads with the grants that the caller has then. The statement may use the parameters `$run_time`, `$slot_time` and `$previous_slot_time`: when the run started, when it was due, and when the last run that succeeded was due, which is 1970-01-01 in the first. Of the tables in `incremental`, a run reads only the rows that were appended since the last run that succeeded; the first one reads all. They are refused with operations that replace the table or the rows of a filter. With `create`, the first run creates the table unless it exists. No run starts until the schedule is due or run by hand.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/saved-results/schedules',
  permission: 'table:write',
  input: tableInput.extend({
    ...savedResultFields,
    name: scheduleName,
    ...scheduleStartFields,
    incremental: incrementalTables.optional(),
  }),
  output: z.object({ schedule }),
})

export const restartSavedResult = endpoint({
  summary: 'Makes the next run of a saved result read only rows that are appended from now on, or all rows',
  description:
    'For tables of which only appended rows are read. Only for the owner of the schedule and for admins. A schedule that was paused goes on, unless its reason still holds. Fails while a run of it is in progress.',
  method: 'POST',
  path: '/api/v1/jobs/schedules/:schedule/restart',
  permission: 'signed-in',
  input: z.object({ schedule: idText, version: count, from: z.enum(['now', 'beginning']) }),
  output: z.object({ schedule }),
})
