import 'server-only'
import type { Intent } from '@/lib/changes/intents/intent'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/main-branch'
import { findRef } from '@/lib/iceberg/metadata/snapshot-graph'
import type { CommittedTable } from '@/server/catalog/port/catalog-write'

const FOREVER = { minSnapshotsToKeep: null, maxSnapshotAgeMs: null, maxRefAgeMs: null }

/**
 * The move of a branch by a commit, or its creation, as intents, so that the audit has their reverse; empty for the
 * first snapshot of `main`, which has no reverse.
 */
export function branchMove({ before, after }: CommittedTable, refName: string): Intent[] {
  const from = before && findRef(before.metadata, refName)
  const to = findRef(after.metadata, refName)
  if (!to) return []
  const { snapshotId } = to
  if (from)
    return [{ kind: 'set-ref', refName, fromSnapshotId: from.snapshotId, toSnapshotId: snapshotId, safetyTag: null }]
  return refName === MAIN_BRANCH
    ? []
    : [{ kind: 'create-ref', refName, type: 'branch', snapshotId, retention: FOREVER }]
}
