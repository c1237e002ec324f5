import 'server-only'
import type { Snapshot } from '@/lib/iceberg/metadata/table-metadata'
import type { SentCommit } from './reconcile'
import { loadTable } from '../tables'
import type { RestDeps } from '../rest-deps'

/**
 * Whether a commit was refused because a commit to another branch has taken the sequence numbers or row ids of its
 * snapshots. Its requirements still hold, so Java's catalogs up to Iceberg 1.10 report a bad request and not a conflict
 * (apache/iceberg#15126).
 */
export async function wasOvertaken(deps: RestDeps, sent: readonly SentCommit[]): Promise<boolean> {
  for (const { identifier, before, change } of sent) {
    const added = change.updates.flatMap((update) => (update.action === 'add-snapshot' ? [update.snapshot] : []))
    if (before === null || added.length === 0) continue
    const { metadata } = await loadTable(deps, identifier)
    if (added.some((snapshot) => isBehind(snapshot, metadata))) return true
  }
  return false
}

function isBehind(
  { sequenceNumber, firstRowId }: Snapshot,
  { lastSequenceNumber, nextRowId }: { lastSequenceNumber: number; nextRowId: string | null },
): boolean {
  const isRowIdTaken = firstRowId !== undefined && nextRowId !== null && BigInt(firstRowId) < BigInt(nextRowId)
  return sequenceNumber <= lastSequenceNumber || isRowIdTaken
}
