import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Intent } from '@/lib/changes/intents/intent'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/metadata-json'
import { isAncestor } from '@/lib/iceberg/metadata/snapshot-graph'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { TableServices } from '@/server/table/table-services'
import { requirePassedChecks } from '../checks/check-results'
import { type CommittedIntents, commitIntents, type IntentOptions } from '../commit/commit-intents'

type PublishRequest = {
  snapshotId: string
  /** The branch whose tip the snapshot is; null for a staged snapshot. */
  branch: string | null
  /** Where the user saw `main`. */
  mainSnapshotId: string
}

/**
 * Moves `main` forward to a snapshot on which every saved check has passed. Both ends are those that the user saw: a
 * commit to either in between is refused.
 *
 * @throws {AppError} commit-conflict; and as `commitIntents` does
 */
export async function publish(
  services: Pick<TableServices, 'catalogs' | 'database' | 'keys'>,
  identifier: TableIdentifier,
  { snapshotId, branch, mainSnapshotId }: PublishRequest,
  options: Pick<IntentOptions, 'actor' | 'signal' | 'requestId' | 'idempotencyKey' | 'proposal'>,
): Promise<CommittedIntents> {
  const { actor, signal } = options
  const catalog = await services.catalogs.open(identifier.catalog, actor)
  const table = await catalog.loadTable(identifier, { signal })
  const move = { refName: MAIN_BRANCH, fromSnapshotId: mainSnapshotId, toSnapshotId: snapshotId }
  const intent: Intent =
    branch === null
      ? { kind: 'set-ref', ...move, safetyTag: null }
      : { kind: 'fast-forward', ...move, toRefName: branch }
  return commitIntents(services, identifier, [intent], {
    ...options,
    action: 'publish',
    verify: async (metadata) => {
      requireForward(metadata, mainSnapshotId, snapshotId)
      return {
        snapshotId,
        passed: await requirePassedChecks(services.database, table, metadata, { snapshotId, actor }),
      }
    },
  })
}

/** A staged snapshot is no ref, so the intent alone would let `main` lose snapshots. */
export function requireForward(metadata: TableMetadata, mainSnapshotId: string, snapshotId: string): void {
  if (isAncestor(metadata, { ancestorId: mainSnapshotId, snapshotId })) return
  throw new AppError(
    'commit-conflict',
    `Snapshot ${snapshotId} does not follow the tip of ${MAIN_BRANCH}, or snapshots between the two have expired, so ${MAIN_BRANCH} cannot be fast-forwarded there. Nothing was changed. Cherry-pick the snapshot if ${MAIN_BRANCH} does not have its changes.`,
    { facts: { snapshotId, mainSnapshotId } },
  )
}
