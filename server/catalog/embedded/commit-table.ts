import 'server-only'
import { AppError } from '@/lib/errors'
import { appendMetadataLog, applyUpdates, checkRequirements } from '@/lib/iceberg/commit/apply-updates'
import { metadataFromUpdates } from '@/lib/iceberg/commit/metadata-from-updates'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { enforceUpdateLimits } from '@/lib/iceberg/commit/size-limits'
import { requireSupportedFormat } from '@/lib/iceberg/metadata/supported-format'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { TableChange, TableUpdate } from '@/lib/iceberg/commit/table-update'
import { readTableRow, requireUnchangedRow } from '@/server/db/catalog/table-rows'
import { pauseBeforeRetry, type TimeBudget } from '@/server/db/time-budget'
import { clock } from '@/server/timing/clock'
import {
  type CatalogWrite,
  type CommittedTable,
  MAX_TABLES_IN_TRANSACTION,
  type TableChangeOrBuilder,
  type WriteOptions,
} from '../port/catalog-write'
import type { LoadedTable } from '../port/loaded-table'
import { checkLocations } from './check-locations'
import { requireNameIsFree, requireValidName } from './new-names'
import { loadTable, type EmbeddedCatalogDeps } from './load-table'
import { chooseLocation } from './folders/choose-location'
import { labelOf } from './names'
import { requireDisjointFolders, requireFreeFolders } from './folders/folder-ownership'
import { metadataPut, putMetadata } from './put-metadata'
import { removeReplacedMetadata } from './remove-replaced-metadata'
import { tableBusyError } from './table-locks'

/**
 * One table's part of a commit, checked against the metadata that the swap expects. `newFolders` are the folders it
 * claims.
 */
type PreparedCommit = {
  identifier: TableIdentifier
  before: LoadedTable | null
  metadata: TableMetadata
  newFolders: readonly string[]
}

/**
 * Compare-and-swap with rebase and retry: the change is built, checked and applied on the metadata that the swap
 * expects, so the commit never overwrites a version that another writer committed in between.
 */
export async function commitTable(
  deps: EmbeddedCatalogDeps,
  { table: identifier, change }: CatalogWrite<'commit-table'>,
  options: WriteOptions<'commit-table'>,
): Promise<LoadedTable> {
  const [committed] = await commitAll(
    deps,
    { commits: [{ identifier, change }] },
    { ...options, alongside: (tables) => tables.flatMap((table) => options.alongside?.(table) ?? []) },
  )
  if (!committed) throw new Error('a commit of one table returned no table')
  return committed
}

/**
 * Commits several tables in one transaction: all of them or none.
 *
 * @throws {AppError} invalid-request when a table occurs twice, too-large beyond 100 tables
 */
export async function commitTables(
  deps: EmbeddedCatalogDeps,
  write: CatalogWrite<'commit-tables'>,
  options: WriteOptions<'commit-tables'>,
): Promise<LoadedTable[]> {
  const { commits } = write
  if (commits.length > MAX_TABLES_IN_TRANSACTION) {
    throw new AppError(
      'too-large',
      `A transaction has at most ${MAX_TABLES_IN_TRANSACTION} tables; this one has ${commits.length}.`,
    )
  }
  const labels = commits.map(({ identifier }) => labelOf(identifier))
  const duplicate = labels.find((label, index) => labels.indexOf(label) !== index)
  if (duplicate !== undefined)
    throw new AppError('invalid-request', `The transaction changes ${duplicate} more than once.`)
  return commitAll(deps, write, options)
}

type Commits = Pick<CatalogWrite<'commit-tables'>, 'verify'> & {
  commits: readonly { identifier: TableIdentifier; change: TableChangeOrBuilder }[]
}

async function commitAll(
  deps: EmbeddedCatalogDeps,
  write: Commits,
  options: WriteOptions<'commit-tables'>,
): Promise<LoadedTable[]> {
  const budget = deps.locks.newBudget()
  const labels = write.commits.map(({ identifier }) => labelOf(identifier))
  const releaseLocks = await deps.locks.acquire(labels, budget, options.signal)
  try {
    return await commitWithRetries(deps, write, options, budget)
  } finally {
    releaseLocks()
  }
}

async function commitWithRetries(
  deps: EmbeddedCatalogDeps,
  { commits, verify }: Commits,
  { alongside, signal, committedAtMs, beforeMetadata }: WriteOptions<'commit-tables'>,
  budget: TimeBudget,
): Promise<LoadedTable[]> {
  const startedAtMs = clock.elapsedMs()
  for (let attempts = 1; ; attempts += 1) {
    const prepared: (PreparedCommit | LoadedTable)[] = []
    // Read after a change was built, which may take long: its snapshots must not be later than the commit.
    const readNowMs = () => committedAtMs ?? clock.nowMs()
    for (const { identifier, change } of commits)
      prepared.push(await prepareCommit(deps, identifier, change, { readNowMs, verify, signal }))
    const changed = prepared.filter((one): one is PreparedCommit => 'before' in one)
    const unchanged = prepared.filter((one): one is LoadedTable => 'metadataLocation' in one)
    if (changed.length === 0) return unchanged

    requireDisjointFolders(changed.map(({ newFolders }) => newFolders))
    const toCommittedTables = (locations: readonly string[]): (CommittedTable & { after: LoadedTable })[] =>
      changed.map(({ identifier, before, metadata }, index) => ({
        before,
        after: { identifier, metadata, metadataLocation: locations[index] ?? '', store: deps.store },
        effort: { durationMs: Math.round(clock.elapsedMs() - startedAtMs), retries: attempts - 1 },
      }))
    const locations = await putMetadata(
      deps,
      {
        puts: changed.map((one) => toMetadataPut(deps, one, beforeMetadata)),
        // Requirements on unchanged tables must still hold when the other tables are swapped.
        expectedRows: unchanged.map(({ identifier, metadataLocation }) =>
          requireUnchangedRow(identifier, metadataLocation),
        ),
      },
      (at) => alongside?.(toCommittedTables(at)) ?? [],
      signal,
    )
    if (locations) {
      const committed = toCommittedTables(locations)
      for (const one of committed) await removeReplacedMetadata(deps, one)
      const after = new Map(changed.map((one, index) => [one, committed[index]?.after]))
      return prepared.flatMap((one) => ('before' in one ? (after.get(one) ?? []) : one))
    }
    if (!(await pauseBeforeRetry(budget, attempts))) {
      throw tableBusyError(changed.map(({ identifier }) => labelOf(identifier)).join(', '))
    }
  }
}

/** Returns the current table when the change has no effect. */
async function prepareCommit(
  deps: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  change: TableChangeOrBuilder,
  {
    readNowMs,
    verify,
    signal,
  }: { readNowMs: () => number; verify: Commits['verify']; signal: AbortSignal | undefined },
): Promise<PreparedCommit | LoadedTable> {
  if (typeof change !== 'function' && change.requirements.some(({ type }) => type === 'assert-create')) {
    const metadata = await buildNewMetadata(deps, identifier, change, readNowMs())
    return {
      identifier,
      before: null,
      metadata,
      newFolders: await requireFreeFolders(deps, identifier, null, metadata),
    }
  }
  const before = await loadTable(deps, identifier, signal)
  requireSupportedFormat(before.metadata)
  const built = typeof change === 'function' ? await change(before) : change
  await verify?.(before, built)
  const { requirements, updates } = built
  checkRequirements(before.metadata, requirements)
  checkLocations(deps.store, updates)
  enforceUpdateLimits(updates, before.metadata)
  const metadata = nextMetadata(before, updates, readNowMs())
  if (metadata === null) return before
  return {
    identifier,
    before,
    metadata,
    newFolders: await requireFreeFolders(deps, identifier, before.metadata, metadata),
  }
}

/** @throws {AppError} commit-conflict when the name is taken */
async function buildNewMetadata(
  deps: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  { requirements, updates }: TableChange,
  nowMs: number,
) {
  await requireValidName(deps, identifier, 'table')
  const existing = await readTableRow(deps.database, identifier)
  if (existing && !existing.isView) throw new AppError('commit-conflict', 'Requirement failed: table already exists')
  if (existing) await requireNameIsFree(deps, identifier, 'table')
  checkRequirements(null, requirements)
  checkLocations(deps.store, updates)
  enforceUpdateLimits(updates, null)
  const requestedLocation = updates.findLast((update) => update.action === 'set-location')?.location
  const location = await chooseLocation(deps, identifier, requestedLocation)
  const updatesWithLocation: TableUpdate[] =
    requestedLocation === undefined ? [...updates, { action: 'set-location', location }] : [...updates]
  return metadataFromUpdates(updatesWithLocation, { nowMs })
}

function toMetadataPut(
  deps: EmbeddedCatalogDeps,
  { identifier, before, metadata, newFolders }: PreparedCommit,
  beforeWrite: WriteOptions['beforeMetadata'],
) {
  return metadataPut(deps, 'table', {
    identifier,
    previousLocation: before && before.metadataLocation,
    metadata,
    newFolders,
    write: () =>
      deps.metadataFiles.writeTable(deps.store, metadata, { label: labelOf(identifier), before, beforeWrite }),
  })
}

/** Null when the updates change nothing. */
function nextMetadata(before: LoadedTable, updates: readonly TableUpdate[], clockMs: number): TableMetadata | null {
  const { metadata, metadataLocation } = before
  // Times in the metadata never go backwards, even when this machine's clock does.
  const nowMs = Math.max(clockMs, metadata.lastUpdatedMs)
  const previous = { metadataFile: metadataLocation, timestampMs: metadata.lastUpdatedMs }
  const updated = applyUpdates(metadata, updates, { nowMs })
  return updated === metadata ? null : appendMetadataLog(updated, previous)
}
