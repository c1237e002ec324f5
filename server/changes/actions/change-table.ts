import 'server-only'
import type { ChangeReview } from '@/lib/contract/table/changes'
import { AppError } from '@/lib/errors'
import { entryLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { type Intent, intentArea } from '@/lib/changes/intents/intent'
import { changeForIntents, needsTypedName } from '@/lib/changes/intents/intent-changes'
import type { SetRef } from '@/lib/changes/intents/set-ref/describe'
import type { TableChange } from '@/lib/iceberg/commit/table-update'
import { isAncestor } from '@/lib/iceberg/metadata/ancestors'
import { findRef } from '@/lib/iceberg/metadata/snapshot-graph'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { requirePermission } from '@/server/auth/actor'
import { permissionForUpdates } from '@/server/auth/update-permissions'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { AuditState } from '@/server/db/audit'
import type { Services } from '@/server/services'
import { commitAuditEntry, plannedCommitEntry } from '@/server/table/commit/commit-audit-entry'
import { digestOfChange } from '@/server/table/commit/change-request'
import { planExpiryAudit } from '@/server/table/expiry/expiry-audit'
import { removalChanges } from '@/server/table/expiry/queued-removals'
import { requireNoSecrets, unmaskBases } from '@/server/table/mask-properties'
import type { ProposableAction } from '../pipeline/action'
import type { ChangeRequest } from '../pipeline/change-request'
import type { Attempt } from '../pipeline/attempt'
import { type CarriedOut, carryOut } from '../pipeline/carry-out'
import { requireReviewed } from '../pipeline/review-action'
import { reviewPlan } from '../pipeline/review-problem'
import { reviewIntents } from './review-intents'

type ChangeServices = Pick<Services, 'catalogs' | 'database' | 'keys'>

/** The committed table; for a repeated request the current one. */
export type ChangedTable = { table: LoadedTable }

type ChangeTable = {
  intents: readonly Intent[]
  /** UUID of the table that the intents are for: nothing is committed to another one that has taken its name. */
  tableUuid?: string | undefined
}
type ReviewedRequest = {
  /** The digest of the reviewed request, as `digestOfChange` returns it: no other one is committed. */
  requestDigest?: string | undefined
}

/** Changes a table as its intents say, in one commit. */
export const changeTableAction: ProposableAction<
  ChangeServices,
  TableIdentifier,
  ChangeTable,
  ReviewedRequest,
  ChangedTable,
  ChangeReview
> = {
  kind: 'change-table',
  isHeld: true,
  toReviewed: (reviewed) => requireReviewed(reviewed, 'change-table'),
  async review({ services, catalog, signal }, on, { intents, tableUuid }) {
    requireNoSecrets(intents)
    const table = await catalog.loadTable(on, { signal })
    return reviewPlan(
      () => requireSameTable(on, table.metadata, tableUuid),
      () => reviewIntents(services.keys, catalog, table, intents, signal),
    )
  },
  commit: (attempt, on, { intents, ...options }) => commitTableIntents(attempt, on, intents, options),
  repeat: async (attempt, on) => ({ table: await attempt.loadTable(on) }),
}

/** {@link changeTableAction}, carried out. @throws {AppError} as {@link commitTableIntents} and `carryOut` do */
export function commitIntents(
  services: ChangeServices,
  on: TableIdentifier,
  intents: readonly Intent[],
  { requestDigest, tableUuid, ...request }: ChangeRequest & ReviewedRequest & Pick<ChangeTable, 'tableUuid'>,
): Promise<CarriedOut<ChangedTable>> {
  return carryOut(services, changeTableAction, { on, input: { intents, requestDigest, tableUuid } }, request)
}

type IntentOptions = {
  /** The audit action, if it is not that of the intents: `undo`. */
  action?: string
  /** The audit entry that these intents undo. */
  undoes?: string
  requestDigest?: string | undefined
  tableUuid?: string | undefined
  /** Called with the metadata that each attempt would replace. The audit has the checks that it returns. */
  verify?: (metadata: TableMetadata) => Promise<AuditState['checks']>
}

/**
 * Commits intents, checked against the very metadata that is replaced. When another writer commits first they are checked
 * again, and a conflicting change is refused and not overwritten.
 *
 * @throws {AppError} commit-conflict with the current values among its facts; invalid-request when a branch or a tag
 *   loses snapshots, or the commit cannot be undone, and the name is not confirmed; forbidden when the change needs more than the actor may do; not-found,
 *   commit-state-unknown as the catalog does
 */
export async function commitTableIntents(
  attempt: Attempt<ChangeServices>,
  on: TableIdentifier,
  intents: readonly Intent[],
  { verify, requestDigest, tableUuid, ...named }: IntentOptions,
): Promise<ChangedTable> {
  const { catalog, actor, signal } = attempt
  const { database, keys } = attempt.services
  const expiry = await planExpiryAudit(database, catalog, on, intents, signal)
  let isCommitted = false
  let checks: AuditState['checks']
  const toAudited = (before?: TableMetadata) => ({
    action: intentsAction(intents, before),
    ...attempt.request,
    ...named,
    intents,
    ...(expiry && { expiry }),
    ...(checks && { checks }),
  })
  const recorded = attempt.recordedCommit({
    known: plannedCommitEntry(on, toAudited()),
    toEntry: (committed) => commitAuditEntry(committed, toAudited(committed.before?.metadata)),
    alongside: (_, entry) => {
      isCommitted = true
      return removalChanges({ id: attempt.auditId, entry }, actor)
    },
  })
  const table = await catalog.write(
    {
      kind: 'commit-table',
      table: on,
      change: async ({ metadata }) => {
        attempt.requireSame(metadata.tableUuid)
        requireSameTable(on, metadata, tableUuid)
        await attempt.requirePolicy()
        const seen = unmaskBases(keys, metadata, intents)
        const change = changeForIntents(metadata, seen)
        requirePermission(actor, permissionForUpdates(change.updates), on)
        requireSameRequest(change, metadata, requestDigest)
        checks = await verify?.(metadata)
        if (needsTypedName(metadata, seen)) attempt.requireTypedName(on)
        return change
      },
    },
    recorded,
  )
  if (isCommitted) return { table }
  throw new AppError('invalid-request', 'The table is already in this state, so there is nothing to commit.')
}

function requireSameTable(on: TableIdentifier, { tableUuid }: TableMetadata, expectedUuid: string | undefined): void {
  if (expectedUuid === undefined || expectedUuid === tableUuid) return
  throw new AppError(
    'commit-conflict',
    `Another table has the name ${entryLabel(on)} now. The changes are for the one that had it before.`,
  )
}

function requireSameRequest(change: TableChange, metadata: TableMetadata, requestDigest: string | undefined): void {
  if (requestDigest === undefined || digestOfChange(change, metadata) === requestDigest) return
  throw new AppError(
    'commit-conflict',
    'Another commit came first, so the request is no longer the one that was shown. Review it again.',
  )
}

/** The audit's name for a commit: the kind of its intents, or their common part. */
function intentsAction(intents: readonly Intent[], before: TableMetadata | undefined): string {
  const [only] = intents
  if (only?.kind === 'set-ref' && intents.length === 1 && before) return setRefAction(before, only)
  const kinds = new Set(intents.map(({ kind }) => kind))
  const areas = new Set(intents.map(intentArea))
  const [kind] = kinds
  const [area] = areas
  if (areas.size !== 1 || area === undefined) return 'change-table'
  if (area === 'settings' && !kinds.has('upgrade-format-version')) return 'set-properties'
  return kinds.size === 1 && kind !== undefined ? kind : `change-${area}`
}

/** By the target of the ref, because `roll-back` and `fast-forward` are other intents only if they are possible. */
function setRefAction(metadata: TableMetadata, { refName, fromSnapshotId, toSnapshotId }: SetRef): string {
  if (findRef(metadata, refName)?.type === 'tag') return 'move-tag'
  if (isAncestor(metadata, { ancestorId: toSnapshotId, snapshotId: fromSnapshotId })) return 'roll-back'
  return isAncestor(metadata, { ancestorId: fromSnapshotId, snapshotId: toSnapshotId }) ? 'fast-forward' : 'move-branch'
}
