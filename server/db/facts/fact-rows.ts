import 'server-only'
import type { FactRow, KnownCommit } from '@/lib/facts/fold-version'
import type { TableEvent } from '@/lib/facts/table-event'
import { newAuditId } from '../audit'
import type { Change, Database } from '../database'
import { change, query } from '../statement'
import type { Tables } from '../tables'
import { addedSumChanges } from './added-sums'
import { addedSizeChanges } from './size-sums'
import { toWriterId, type WrittenFact, writerChanges } from './fact-writers'
import { inBatches, ROWS_PER_STATEMENT } from './in-batches'

/** The rows of a table's history, with their sums by day. They are only ever added. */

/** Adds rows and events to a history, and the rows to its sums and those of its catalog. */
export function addedFactChanges(
  history: { id: number; catalog: string },
  { rows, events }: { rows: readonly WrittenFact[]; events: readonly TableEvent[] },
): Change[] {
  const deletes = rows.filter(hasDeletes)
  const details = rows.flatMap((row) => toDetailColumns(history.id, row) ?? [])
  return [
    ...writerChanges(rows.flatMap(({ committedBy }) => committedBy ?? [])),
    ...inBatches(
      rows.map((row) => toCommitColumns(history.id, row)),
      (values) => change(({ db }) => db.insertInto('fact_commits').values(values), { expectedRows: values.length }),
    ),
    ...inBatches(
      deletes.map((row) => toDeleteColumns(history.id, row)),
      (values) => change(({ db }) => db.insertInto('fact_deletes').values(values), { expectedRows: values.length }),
    ),
    ...inBatches(details, (values) =>
      change(({ db }) => db.insertInto('fact_details').values(values), { expectedRows: values.length }),
    ),
    ...addedSumChanges(history, rows),
    ...addedSizeChanges(history, rows),
    ...inBatches(
      events.map(({ atMs, kind, ...detail }) => ({
        id: newAuditId(),
        table_id: history.id,
        at_ms: atMs,
        kind,
        detail: JSON.stringify(detail),
      })),
      (values) => change(({ db }) => db.insertInto('fact_events').values(values), { expectedRows: values.length }),
    ),
  ]
}

function toCommitColumns(historyId: number, row: WrittenFact): Tables['fact_commits'] {
  const { added, removed } = row
  return {
    table_id: historyId,
    seq: row.seq,
    kind: row.kind,
    at_ms: row.atMs,
    stated_at_ms: row.statedAtMs,
    snapshot_id: row.snapshotId,
    entered_at_ms: row.enteredAtMs,
    operation: row.operation,
    writer_id: row.committedBy === null ? null : toWriterId(row.committedBy),
    branch: row.branch,
    reason: row.reason,
    rows_added: added.rows,
    rows_removed: removed.rows,
    files_added: added.files,
    files_removed: removed.files,
    bytes_added: added.bytes,
    bytes_removed: removed.bytes,
  }
}

const DELETE_MEASURES = ['deleteFiles', 'positionDeletes', 'equalityDeletes'] as const

function hasDeletes({ added, removed }: FactRow): boolean {
  return DELETE_MEASURES.some((measure) => added[measure] !== 0 || removed[measure] !== 0)
}

function toDeleteColumns(historyId: number, { seq, added, removed }: FactRow): Tables['fact_deletes'] {
  return {
    table_id: historyId,
    seq,
    files_added: added.deleteFiles,
    files_removed: removed.deleteFiles,
    position_deletes_added: added.positionDeletes,
    position_deletes_removed: removed.positionDeletes,
    equality_deletes_added: added.equalityDeletes,
    equality_deletes_removed: removed.equalityDeletes,
  }
}

function toDetailColumns(historyId: number, { seq, detail }: FactRow): Tables['fact_details'] | null {
  return (
    detail && {
      table_id: historyId,
      seq,
      run_id: detail.runId,
      query_id: detail.queryId,
      input_bytes: detail.inputBytes,
      duration_ms: detail.durationMs,
      retries: detail.retries,
    }
  )
}

/** The commits among these that a history has, each by its newest row. */
export async function readKnownCommits(
  database: Database,
  historyId: number,
  snapshotIds: readonly string[],
): Promise<Map<string, KnownCommit>> {
  const known = new Map<string, KnownCommit>()
  for (let start = 0; start < snapshotIds.length; start += ROWS_PER_STATEMENT) {
    const batch = snapshotIds.slice(start, start + ROWS_PER_STATEMENT)
    const rows = await database.read(
      query(({ db }) =>
        db
          .selectFrom('fact_commits')
          .select(['snapshot_id', 'kind', 'at_ms', 'entered_at_ms'])
          .where('table_id', '=', historyId)
          .where('snapshot_id', 'in', batch)
          .where('kind', 'in', ['commit', 'taken-back', 'put-back'])
          .orderBy('seq'),
      ),
    )
    for (const { snapshot_id: id, kind, at_ms, entered_at_ms } of rows) {
      if (id !== null) known.set(id, { isOnMain: kind !== 'taken-back', enteredAtMs: entered_at_ms ?? at_ms })
    }
  }
  return known
}
