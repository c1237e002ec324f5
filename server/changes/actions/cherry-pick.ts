import 'server-only'
import type { CherryPickReview } from '@/lib/contract/table/cherry-picks'
import { AppError } from '@/lib/errors'
import type { TableChange } from '@/lib/iceberg/commit/table-update'
import { tableChangeToJson } from '@/lib/iceberg/commit/table-change-json'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/metadata-json'
import { findRef } from '@/lib/iceberg/metadata/snapshot-graph'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { type CherryPick, cherryPick } from '@/lib/iceberg/operations/cherry-pick'
import { STAGED_WAP } from '@/lib/iceberg/operations/cherry-pick-refusal'
import { cherryPickScripts } from '@/lib/changes/statements/cherry-pick-statements'
import type { SnapshotOperation } from '@/lib/iceberg/operations/operation'
import { mightHaveHadChanges } from '@/lib/iceberg/operations/pick-sources'
import { branchTip } from '@/lib/iceberg/operations/snapshot-producer'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { readAudit } from '@/server/db/audit-list'
import type { Services } from '@/server/services'
import type { ManifestCache } from '@/server/table/manifest-cache'
import { branchMove } from '@/server/table/commit/branch-move'
import { missingColumns } from '@/server/table/commit/ref-move'
import { createCachedSnapshotReader } from '@/server/table/commit/cached-snapshot-reader'
import { runOperation } from '@/server/table/commit/run-operation'
import { type FileFigures, figuresOf, readSnapshotFiles, snapshotById } from '@/server/table/commit/snapshot-files'
import type { ProposableAction, Reviewing } from '../pipeline/action'
import { requireReviewed } from '../pipeline/review-action'
import { reviewPlan } from '../pipeline/review-problem'

/** The effect of a planned pick on the files of the branch. */
async function describePick(
  { services: { manifestCache }, catalog, signal }: Reviewing<PickServices>,
  table: LoadedTable,
  { snapshotId, branch }: { snapshotId: string; branch: string },
  { picked, tip, change, replay }: Awaited<ReturnType<typeof planCherryPick>>,
): Promise<CherryPickReview> {
  const { identifier, metadata, store } = table
  const filesOf = async (snapshot: Snapshot | null) =>
    snapshot === null
      ? new Map<string, never>()
      : await readSnapshotFiles(manifestCache, table, snapshot, store, signal)
  const current = await filesOf(tip)
  const now = figuresOf([...current.values()])
  let [removed, added] = operationFigures(replay)
  if (change !== null) {
    const after = await filesOf(picked)
    removed = figuresOf([...current].filter(([path]) => !after.has(path)).map(([, file]) => file))
    added = figuresOf([...after].filter(([path]) => !current.has(path)).map(([, file]) => file))
  }
  const toRow = (name: keyof FileFigures) => ({
    now: now[name],
    removed: removed[name],
    restored: added[name],
    after: now[name] - removed[name] + added[name],
  })
  return {
    branch,
    tip: tip && { snapshotId: tip.snapshotId, committedAtMs: tip.timestampMs },
    snapshotId,
    committedAtMs: picked.timestampMs,
    operation: propertyValue(picked.summary, 'operation') ?? 'unknown',
    wapId: propertyValue(picked.summary, STAGED_WAP) || null,
    kind: change === null ? 'replay' : 'fast-forward',
    rows: toRow('rowCount'),
    dataFiles: toRow('dataFileCount'),
    deleteFiles: toRow('deleteFileCount'),
    bytes: toRow('sizeBytes'),
    currentSchemaId: metadata.currentSchemaId,
    targetSchemaId: picked.schemaId,
    missingColumns: missingColumns(metadata, picked),
    isHistoryExpired: mightHaveHadChanges(metadata, tip?.snapshotId ?? null, snapshotId),
    otherRefs: Object.entries(metadata.refs)
      .filter(([name]) => name !== branch)
      .map(([name, { type }]) => ({ name, type })),
    request: change && {
      path: await catalog.commitPath(identifier, { signal }),
      body: stringifyExactJson(tableChangeToJson(change, metadata), { indent: 2 }),
    },
    scripts: cherryPickScripts(identifier, { snapshotId, branch }),
  }
}

/**
 * Plans the commit of a pick. Reads the manifests of the branch, and those of the snapshot.
 *
 * @returns `change` moves the branch to the snapshot itself; null if its changes are replayed
 * @throws {AppError} as `cherryPick` does; commit-conflict also for conflicts of its replay on the branch
 */
async function planCherryPick(
  manifestCache: ManifestCache,
  table: LoadedTable,
  { snapshotId, branch }: { snapshotId: string; branch: string },
  signal: AbortSignal,
) {
  const { metadata } = table
  const reader = createCachedSnapshotReader(manifestCache, table, signal)
  const picked = snapshotById(metadata, snapshotId)
  requireBranch(metadata, branch)
  const { fastForward, replay } = await cherryPick(metadata, { snapshotId, branch, reader })
  const tip = branchTip(metadata, branch)
  const change = fastForward(metadata)
  if (change === null) await replay?.validate({ metadata, parent: tip, reader })
  return { picked, tip, change, replay }
}

/** The figures of the files that a replay removes and adds. */
function operationFigures(operation: SnapshotOperation | null): [FileFigures, FileFigures] {
  const toFigures = (files: readonly { recordCount: number; fileSizeBytes: number; content: string }[]) =>
    figuresOf(
      files.map(({ recordCount, fileSizeBytes, content }) => ({
        recordCount,
        fileSizeBytes,
        isDelete: content !== 'data',
      })),
    )
  return [toFigures(operation?.removed ?? []), toFigures((operation?.added ?? []).map(({ dataFile }) => dataFile))]
}

type PickServices = Pick<Services, 'catalogs' | 'database' | 'log' | 'manifestCache'>

type RequestedPick = {
  snapshotId: string
  branch?: string | undefined
}

type ReviewedTip = {
  /** Where the branch was in the review. */
  tipSnapshotId: string | null
  /** The user confirms that the branch does not have the rows, if expired commits no longer show it. */
  allowsUnknownAncestry?: boolean | undefined
}

type CommittedPick = {
  table: LoadedTable
  /** The new tip; null if it is no longer known. */
  snapshotId: string | null
}

/**
 * Picks a snapshot onto a branch that has not moved since the review. When another writer moves the branch first,
 * nothing is committed, because the reviewed figures no longer apply. It also commits nothing if expired commits of the
 * branch may have held these changes, unless the user says that the branch does not have the rows.
 *
 * @throws {AppError} commit-conflict, and as `cherryPick`, `runOperation` and `carryOut` do
 */
export const cherryPickAction: ProposableAction<
  PickServices,
  TableIdentifier,
  RequestedPick,
  ReviewedTip,
  CommittedPick,
  CherryPickReview
> = {
  kind: 'cherry-pick',
  isHeld: true,
  toReviewed: (reviewed) => requireReviewed(reviewed, 'cherry-pick'),
  async review(reviewing, on, { snapshotId, branch = MAIN_BRANCH }) {
    const { services, catalog, signal } = reviewing
    const table = await catalog.loadTable(on, { signal })
    const pick = { snapshotId, branch }
    return reviewPlan(
      () => planCherryPick(services.manifestCache, table, pick, signal),
      (planned) => ({ problem: null, show: () => describePick(reviewing, table, pick, planned) }),
    )
  },
  async commit(attempt, on, { snapshotId, branch = MAIN_BRANCH, tipSnapshotId, allowsUnknownAncestry = false }) {
    const { catalog, actor, signal, services, record } = attempt
    const loaded = await catalog.loadTable(on, { signal })
    const reader = createCachedSnapshotReader(services.manifestCache, loaded, signal)
    const { table, snapshotId: tipId } = await runOperation(
      services.log,
      {
        catalog,
        store: loaded.store,
        identifier: on,
        branch,
        auditAction: 'cherry-pick',
        auditedIntents: (committed) => branchMove(committed, branch),
        record,
        actor,
        requestId: attempt.request.requestId,
        signal,
      },
      async (metadata) => {
        attempt.requireSame(metadata.tableUuid)
        requireBranch(metadata, branch)
        requireTip(metadata, branch, tipSnapshotId)
        const picked = await cherryPick(metadata, { snapshotId, branch, reader })
        const guard = (base: TableMetadata): void => {
          requireTip(base, branch, tipSnapshotId)
          if (!allowsUnknownAncestry) requireKnownAncestry(base, branch, snapshotId)
        }
        return { operation: picked.replay, withoutSnapshot: guarded(picked, guard) }
      },
    )
    return { table, snapshotId: tipId }
  },
  async repeat({ catalog, signal, services }, on, { branch = MAIN_BRANCH }, auditId) {
    const entry = await readAudit(services.database, auditId)
    return { table: await catalog.loadTable(on, { signal }), snapshotId: entry?.after?.refs?.[branch] ?? null }
  },
}

/** Every attempt begins with it, so a replay too is refused once the branch has moved. */
function guarded({ fastForward }: CherryPick, guard: (metadata: TableMetadata) => void) {
  return (metadata: TableMetadata): TableChange | null => {
    guard(metadata)
    return fastForward(metadata)
  }
}

function requireBranch(metadata: TableMetadata, branch: string): void {
  if (branch === MAIN_BRANCH || findRef(metadata, branch) !== null) return
  throw new AppError('not-found', `The table has no branch ${branch}.`, { facts: { refName: branch } })
}

function requireTip(metadata: TableMetadata, branch: string, tipSnapshotId: string | null): void {
  const now = findRef(metadata, branch)?.snapshotId ?? null
  if (now === tipSnapshotId) return
  throw new AppError(
    'commit-conflict',
    `${branch} was at ${tipLabel(tipSnapshotId)} and is now at ${tipLabel(now)}. Nothing was changed. Review the cherry-pick again.`,
    { facts: { key: branch, base: tipSnapshotId, current: now } },
  )
}

/** A rewrite may have put the rows into files that the branch still has, and no id connects these with the snapshot. */
function requireKnownAncestry(metadata: TableMetadata, branch: string, snapshotId: string): void {
  if (!mightHaveHadChanges(metadata, findRef(metadata, branch)?.snapshotId ?? null, snapshotId)) return
  throw new AppError(
    'commit-conflict',
    `Snapshots of ${branch} have expired, so it is unknown whether it already had the changes of snapshot ${snapshotId} and now has their rows in other files. Nothing was changed. Compare the two first, and commit with allowsUnknownAncestry if ${branch} does not have the rows.`,
    { facts: { snapshotId, refName: branch } },
  )
}

function tipLabel(snapshotId: string | null): string {
  return snapshotId === null ? 'no snapshot' : `snapshot ${snapshotId}`
}
