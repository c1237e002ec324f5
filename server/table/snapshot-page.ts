import 'server-only'
import type { Snapshot as ListedSnapshot } from '@/lib/contract/table/snapshots'
import { aheadCounts } from '@/lib/iceberg/metadata/ahead-counts'
import { ancestorIds } from '@/lib/iceberg/metadata/ancestors'
import { type SnapshotLines, snapshotLines } from '@/lib/iceberg/metadata/snapshot-lines'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { cherryPickRefusals } from '@/lib/iceberg/operations/cherry-pick-refusal'
import type { WriterOf } from './snapshot-writers'
import { summaryCount, snapshotWriter } from './summary-counts'

const PAGE_SIZE = 500

const MAX_CHOICES = 100

export type SnapshotFilter = {
  /** Only this snapshot and its ancestors. */
  upTo?: string | undefined
  operation?: string | undefined
  writer?: string | undefined
  /** Both included. */
  fromMs?: number | undefined
  toMs?: number | undefined
}

/**
 * One page of the table's snapshots, newest first.
 *
 * @param offset counts from the newest that the filter lets pass
 * @param writerOf absent: only the engines that summaries name
 */
export function snapshotPage(
  metadata: TableMetadata,
  offset: number,
  filter: SnapshotFilter = {},
  writerOf: WriterOf = snapshotWriter,
) {
  const { snapshots, currentSnapshotId } = metadata
  const onMain = new Set(currentSnapshotId === null ? [] : ancestorIds(metadata, currentSnapshotId))
  const lines = snapshotLines(metadata)
  const ahead = aheadCounts(snapshots, currentSnapshotId)
  const refusalOf = cherryPickRefusals(metadata)
  const newestFirst = snapshots
    .filter(toPredicate(metadata, filter, writerOf))
    .sort((a, b) => b.sequenceNumber - a.sequenceNumber || b.timestampMs - a.timestampMs)
  const page = newestFirst.slice(offset, offset + PAGE_SIZE)
  return {
    mainSnapshotId: currentSnapshotId,
    totalCount: newestFirst.length,
    tableCount: snapshots.length,
    unreferencedCount: snapshots.filter(({ snapshotId }) => !lines.isReferenced(snapshotId)).length,
    operations: choices(snapshots.map(operationOf)),
    writers: choices(snapshots.flatMap((snapshot) => writerOf(snapshot) ?? [])),
    snapshots: page.map((snapshot) =>
      toListedSnapshot(snapshot, metadata, { onMain, ahead, lines, refusalOf, writerOf }),
    ),
    nextOffset: offset + page.length < newestFirst.length ? offset + page.length : null,
  }
}

function toPredicate(
  metadata: TableMetadata,
  { upTo, operation, writer, fromMs, toMs }: SnapshotFilter,
  writerOf: WriterOf,
): (snapshot: Snapshot) => boolean {
  const lineage = upTo === undefined ? null : new Set(ancestorIds(metadata, upTo))
  return (snapshot) =>
    (lineage === null || lineage.has(snapshot.snapshotId)) &&
    (operation === undefined || operationOf(snapshot) === operation) &&
    (writer === undefined || writerOf(snapshot) === writer) &&
    (fromMs === undefined || snapshot.timestampMs >= fromMs) &&
    (toMs === undefined || snapshot.timestampMs <= toMs)
}

function operationOf({ summary }: Snapshot): string {
  return summary.operation ?? 'unknown'
}

/** Each text once, the most frequent first. */
function choices(texts: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts]
    .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
    .slice(0, MAX_CHOICES)
    .map(([text]) => text)
}

type SnapshotRelations = {
  onMain: ReadonlySet<string>
  ahead: ReadonlyMap<string, number>
  lines: SnapshotLines
  refusalOf: ReturnType<typeof cherryPickRefusals>
  writerOf: WriterOf
}

function toListedSnapshot(
  snapshot: Snapshot,
  metadata: TableMetadata,
  { onMain, ahead, lines, refusalOf, writerOf }: SnapshotRelations,
): ListedSnapshot {
  const { snapshotId, parentSnapshotId, sequenceNumber, timestampMs, schemaId, summary } = snapshot
  const delta = (added: string, removed: string) => ({
    added: summaryCount(snapshot, added),
    removed: summaryCount(snapshot, removed),
  })
  return {
    snapshotId,
    parentSnapshotId,
    sequenceNumber,
    committedAtMs: timestampMs,
    operation: operationOf(snapshot),
    writer: writerOf(snapshot),
    schemaId,
    summary,
    refs: Object.entries(metadata.refs)
      .filter(([, ref]) => ref.snapshotId === snapshotId)
      .map(([name, ref]) => ({ name, type: ref.type })),
    isOnMain: onMain.has(snapshotId),
    aheadCount: ahead.get(snapshotId) ?? null,
    branch: lines.branchOf(snapshotId),
    cherryPickRefusal: refusalOf(snapshot),
    isReferenced: lines.isReferenced(snapshotId),
    rows: delta('added-records', 'deleted-records'),
    files: delta('added-data-files', 'deleted-data-files'),
    bytes: delta('added-files-size', 'removed-files-size'),
  }
}
