import 'server-only'
import type { LakeCommit } from '@/lib/contract/shapes/lake'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { HistoryCommit } from '@/server/db/facts/history-commits'
import type { FactWriter } from '@/server/db/facts/fact-writers'
import { toWriterLabel } from './writer-label'

/** A commit of a table's history as pages list it; null if the table is not among these. */
export function toLakeCommit(
  { tableId, snapshotId, atMs, operation, writerId, added, removed, inputBytes }: HistoryCommit,
  { tables, writers }: { tables: ReadonlyMap<number, TableIdentifier>; writers: ReadonlyMap<number, FactWriter> },
): LakeCommit | null {
  const table = tables.get(tableId)
  if (table === undefined) return null
  return {
    table,
    snapshotId,
    atMs,
    operation: operation ?? 'unknown',
    writer: toWriterLabel(writers.get(writerId ?? 0)),
    addedRows: added.rows,
    removedRows: removed.rows,
    addedBytes: added.bytes,
    removedBytes: removed.bytes,
    addedFiles: added.files,
    removedFiles: removed.files,
    inputBytes,
  }
}
