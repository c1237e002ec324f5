import 'server-only'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/main-branch'
import { ancestorIds } from '@/lib/iceberg/metadata/ancestors'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { mightHaveHadChanges, sameChangesOnBranch } from '@/lib/iceberg/operations/pick-sources'
import { APPEND_TO_MAIN } from '@/lib/ingest/load-landing'
import type { Database } from '@/server/db/database'
import { findRunsOfBytes, type LoadedInput } from '@/server/db/jobs/loaded-inputs'
import type { Run } from '@/server/db/jobs/runs'
import { parseIngestOutcome } from '../ingest-outcome'
import { parseIngestSpec } from '../ingest-spec'

/** A load of the same bytes whose rows are in the table. */
export type EarlierLoad = { run: Run; fileName: string; rowsCommitted: number }

/**
 * The newest load of the same bytes into the table, unless its snapshot was taken back, for example by a roll back.
 *
 * @param exceptRunId a run that is not looked for; null for none
 */
export async function findEarlierLoad(
  database: Database,
  metadata: TableMetadata,
  bytes: Pick<LoadedInput, 'sizeBytes' | 'sha256'>,
  exceptRunId: string | null,
): Promise<EarlierLoad | null> {
  for (const { run, fileName } of await findRunsOfBytes(database, metadata.tableUuid, bytes, exceptRunId)) {
    if (run.outcome !== null && mightHoldRowsOf(metadata, run))
      return { run, fileName, rowsCommitted: parseIngestOutcome(run.outcome).rowsCommitted }
  }
  return null
}

/** Whether the rows that a load has committed may be in the table: see {@link mightHoldRows}. */
export function mightHoldRowsOf(
  metadata: TableMetadata,
  { spec, outcome, createdAtMs }: Pick<Run, 'spec' | 'outcome' | 'createdAtMs'>,
): boolean {
  if (outcome === null) return false
  const { snapshotId } = parseIngestOutcome(outcome)
  const { branch } = parseIngestSpec(spec).landing ?? APPEND_TO_MAIN
  return snapshotId !== null && mightHoldRows(metadata, { snapshotId, createdAtMs, branch: branch ?? MAIN_BRANCH })
}

type PastCommit = {
  snapshotId: string
  /** A time before the commit. */
  createdAtMs: number
  branch: string
}

/**
 * Whether rows of a snapshot may be in its branch or in `main`: directly, or by a copy that published it. A snapshot that
 * has expired may have been an ancestor of the oldest one that is left.
 */
export function mightHoldRows(metadata: TableMetadata, { snapshotId, createdAtMs, branch }: PastCommit): boolean {
  const snapshots = new Map(metadata.snapshots.map((snapshot) => [snapshot.snapshotId, snapshot]))
  return [...new Set([branch, MAIN_BRANCH])].some((name) => {
    const tipId = metadata.refs[name]?.snapshotId
    if (tipId === undefined) return false
    const lineage = ancestorIds(metadata, tipId)
    const holderId = sameChangesOnBranch(metadata, tipId)(snapshotId)
    if (holderId !== null)
      return lineage
        .slice(0, lineage.indexOf(holderId))
        .every((laterId) => snapshots.get(laterId)?.summary['total-records'] !== '0')
    const oldest = snapshots.get(lineage.at(-1) ?? '')
    // Every ancestor after the oldest one that is left is known.
    if (!snapshots.has(snapshotId) && oldest !== undefined && createdAtMs > oldest.timestampMs) return false
    return mightHaveHadChanges(metadata, tipId, snapshotId)
  })
}
