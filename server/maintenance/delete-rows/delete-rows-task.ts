import 'server-only'
import * as z from 'zod'
import type { JsonObject } from '@/lib/iceberg/json/json'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { RunActor, NewTask } from '@/server/db/jobs/task-columns'

/** Deletes of rows by a filter as web processes know them. Workers carry them out: see `delete-rows-run`. */

export const DELETE_ROWS = 'delete-rows'

const MAX_TITLE_FILTER_CHARS = 100

/** The task of a run, in addition to its table. */
const specSchema = z.object({
  /** The filter as JSON with the ids of its columns, so that it is the same after a column is renamed. */
  where: z.string(),
  /** The filter as the user saw it, for messages. */
  text: z.string(),
  /** Null: `main`. */
  branch: z.string().nullable(),
  /** The table whose rows the user saw: another one may get its name while the run waits. */
  tableUuid: z.string(),
  /** The proposal by which another user approved it; null: one user acts alone. */
  proposalId: z.string().nullable(),
})
export type DeleteRowsSpec = z.output<typeof specSchema>

export function parseDeleteRowsSpec(spec: JsonObject): DeleteRowsSpec {
  return specSchema.parse(spec)
}

export function toDeleteRowsTask(table: TableIdentifier, spec: DeleteRowsSpec, actor: RunActor): NewTask {
  const { text, branch } = spec
  const shown = text.length > MAX_TITLE_FILTER_CHARS ? `${text.slice(0, MAX_TITLE_FILTER_CHARS)}…` : text
  return {
    kind: DELETE_ROWS,
    title: `Delete rows where ${shown}${branch === null ? '' : ` on ${branch}`}`,
    spec,
    actor,
    table,
    // One after the other, so that they do not read the same files for nothing.
    exclusiveKey: `${DELETE_ROWS} ${spec.tableUuid}`,
  }
}

/** The result of a run, stored with it. */
const outcomeSchema = z.object({
  /** Null when no row matched, so that no snapshot was created. */
  snapshotId: z.string().nullable(),
  rowsDeleted: z.int(),
  filesRemoved: z.int(),
  /** With other rows: they got deletes, or were written again. */
  filesChanged: z.int(),
  filesRead: z.int(),
  mode: z.enum(['merge-on-read', 'copy-on-write']),
})
export type DeleteRowsOutcome = z.output<typeof outcomeSchema>

export function parseDeleteRowsOutcome(json: JsonObject): DeleteRowsOutcome {
  return outcomeSchema.parse(json)
}
