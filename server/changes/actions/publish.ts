import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Intent } from '@/lib/changes/intents/intent'
import { requireKnownRef } from '@/lib/changes/intents/plan-ref-move'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/metadata-json'
import { isAncestor } from '@/lib/iceberg/metadata/ancestors'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { Services } from '@/server/services'
import { requireSupportedFormat } from '@/lib/iceberg/metadata/supported-format'
import { snapshotById } from '@/server/table/commit/snapshot-files'
import { requirePassedChecks } from '@/server/table/checks/check-results'
import type { ProposableAction } from '../pipeline/action'
import { requireReviewed } from '../pipeline/review-action'
import { reviewPlan } from '../pipeline/review-problem'
import { type ChangedTable, commitTableIntents } from './change-table'

type PublishServices = Pick<Services, 'catalogs' | 'database' | 'keys'>

type Publish = {
  snapshotId: string
  /** The branch with the snapshot as its tip; null for a staged snapshot. */
  branch: string | null
}
/** Where the user saw `main`. */
type ReviewedMain = { mainSnapshotId: string }

/**
 * Moves `main` forward to a snapshot on which every saved check has passed. Both ends are those of the review: after a
 * commit to either of them it is refused.
 *
 * @throws {AppError} commit-conflict; and as a change of the table does
 */
export const publishAction: ProposableAction<
  PublishServices,
  TableIdentifier,
  Publish,
  ReviewedMain,
  ChangedTable,
  null
> = {
  kind: 'publish',
  isHeld: true,
  toReviewed: (reviewed) => requireReviewed(reviewed, 'publish'),
  async review({ catalog, signal }, on, { snapshotId, branch }) {
    const { metadata } = await catalog.loadTable(on, { signal })
    requireSupportedFormat(metadata)
    return reviewPlan(
      () => {
        if (branch !== null && requireKnownRef(metadata, branch).snapshotId !== snapshotId)
          throw new AppError('commit-conflict', `${branch} has moved. Look at it again and propose that.`)
        snapshotById(metadata, snapshotId)
        requireForward(metadata, requireKnownRef(metadata, MAIN_BRANCH).snapshotId, snapshotId)
      },
      () => ({ problem: null, show: async () => null }),
    )
  },
  async commit(attempt, on, { snapshotId, branch, mainSnapshotId }) {
    const { catalog, signal, services } = attempt
    const table = await catalog.loadTable(on, { signal })
    const move = { refName: MAIN_BRANCH, fromSnapshotId: mainSnapshotId, toSnapshotId: snapshotId }
    const intent: Intent =
      branch === null
        ? { kind: 'set-ref', ...move, safetyTag: null }
        : { kind: 'fast-forward', ...move, toRefName: branch }
    return commitTableIntents(attempt, on, [intent], {
      action: 'publish',
      verify: async (metadata) => {
        requireForward(metadata, mainSnapshotId, snapshotId)
        return {
          snapshotId,
          passed: await requirePassedChecks(services.database, table, metadata, snapshotId),
        }
      },
    })
  },
  repeat: async (attempt, on) => ({ table: await attempt.loadTable(on) }),
}

/** A staged snapshot is not a ref, so the intent alone would let `main` lose snapshots. */
function requireForward(metadata: TableMetadata, mainSnapshotId: string, snapshotId: string): void {
  if (isAncestor(metadata, { ancestorId: mainSnapshotId, snapshotId })) return
  throw new AppError(
    'commit-conflict',
    `Snapshot ${snapshotId} does not follow the tip of ${MAIN_BRANCH}, or snapshots between the two have expired, so ${MAIN_BRANCH} cannot be fast-forwarded there. Nothing was changed. Cherry-pick the snapshot if ${MAIN_BRANCH} does not have its changes.`,
    { facts: { snapshotId, mainSnapshotId } },
  )
}
