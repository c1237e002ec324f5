import 'server-only'
import { AppError } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/main-branch'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import { entryLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { sum } from '@/lib/sum'
import { nullIfNotFound } from '@/server/catalog/null-if-not-found'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { toDataFile } from '@/server/data-files/write/data-file'
import { dataFileLocation } from '@/server/data-files/write/data-file-location'
import type { StagedFile } from '@/server/data-files/write/staged-file'
import type { AuditState } from '@/server/db/audit'
import type { Log } from '@/server/log'
import type { RunApproval } from '@/server/policy/approved-runs'
import { branchMove } from '@/server/table/commit/branch-move'
import { requireBranchLeft } from '@/server/table/commit/removed-branch'
import { newSnapshotId, runOperation } from '@/server/table/commit/run-operation'
import { removeFiles } from '@/server/table-writes/remove-files'
import { snapshotCommit } from '@/server/table-writes/snapshot-commit'
import type { TableWrite } from '@/server/table-writes/table-write'
import type { Landing, LandingLoad, LandingStrategy, PlacedFile, PlannedLanding } from '../land/landing'
import { importFiles } from './import-files'
import type { IngestJournal } from './ingest-journal'
import { describeNoRows, type FileCounts, type IngestOutcome } from './ingest-outcome'

/** How often a commit is planned again after another one, before the run is retried. */
const MAX_PLANS = 5

/** A load whose files are staged. */
export type CommitLoad = Pick<
  LandingLoad,
  'branch' | 'where' | 'folder' | 'limits' | 'schema' | 'stageInOrder' | 'summary'
> & {
  strategy: LandingStrategy
  /** The table when the load began, or as the load has created it. */
  table: LoadedTable
  spec: PartitionSpec
  /** Null if the rows are not sorted. */
  sortOrderId: number | null
  staged: readonly StagedFile[]
  /** The outcome as far as it is known without the landing. */
  outcome: FileCounts &
    Pick<
      IngestOutcome,
      | 'rowsRead'
      | 'rowsRejected'
      | 'rejectsFile'
      | 'recordsSaved'
      | 'correctsRunId'
      | 'absentColumns'
      | 'skippedFields'
      | 'scheduleState'
    >
  /** As in `OperationRequest`. */
  committedAtMs: number | undefined
  approval: RunApproval
}

/**
 * Moves the staged files to the table and commits them as one snapshot, as the strategy says. Every file is in the
 * journal before it is written.
 *
 * @throws {AppError} commit-conflict; commit-state-unknown, with nothing removed; what the strategy, the catalog and the
 *   store throw
 */
export async function commitLoad(log: Log, write: TableWrite<IngestJournal>, load: CommitLoad): Promise<IngestOutcome> {
  const { strategy, table, staged } = load
  if (staged.length === 0 && !strategy.landsWithoutRows) {
    write.log(`${describeNoRows(load.outcome)}, so no snapshot is created.`)
    return toOutcome(load, { files: [], landing: null, counts: null, snapshotId: null })
  }
  const landing = await strategy.begin(toLandingLoad(write, load))
  try {
    write.journal.locations.push(...landing.files.map(({ dataFile }) => dataFile.filePath))
    await write.save()
    await importFiles(table.store, landing.files, write.signal)
    return await commitLanding(log, write, load, landing)
  } finally {
    landing.close()
  }
}

function toLandingLoad(write: TableWrite<IngestJournal>, load: CommitLoad): LandingLoad {
  const { table: start, sortOrderId, staged, schema, spec, branch, where, summary } = load
  const { folder, limits, stageInOrder } = load
  const layout = { specId: spec.specId, sortOrderId: sortOrderId ?? 0 }
  return {
    start,
    files: staged.map((file) => ({
      file,
      dataFile: toDataFile(file, dataFileLocation(file, start.metadata, { spec, schema }), layout),
    })),
    isSorted: sortOrderId !== null,
    branch,
    where,
    schema,
    spec,
    summary,
    folder,
    limits,
    stageInOrder,
    async journal(locations) {
      write.journal.locations.push(...locations)
      await write.save()
    },
    log: (sentence) => write.log(sentence),
    reportMatching: ({ rows }) => write.report({ phase: 'matching', counters: { rowsCompared: rows } }),
    signal: write.signal,
  }
}

async function commitLanding(
  log: Log,
  write: TableWrite<IngestJournal>,
  load: CommitLoad,
  landing: Landing,
): Promise<IngestOutcome> {
  const { table, strategy } = load
  for (let planCount = 1; ; planCount += 1) {
    const current = await nullIfNotFound(() => write.catalog.loadTable(write.run.table, { signal: write.signal }))
    if (current === null) throw droppedTableError(write.run.table)
    requireSameTable(table.metadata, current.metadata)
    requireBranchLeft(table.metadata, current.metadata, load.branch)
    const plan = await landing.plan(current)
    write.report({ phase: 'committing' })
    if (plan === null) {
      write.log('There is nothing to replace and nothing to add, so no snapshot is created.')
      return toOutcome(load, { files: [], landing, counts: null, snapshotId: null })
    }
    try {
      return await commitPlan(log, write, load, { landing, plan, current })
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'commit-conflict')) throw error
      if (strategy.onConflict === 'fail') throw lostRowsError(error)
      if (planCount === MAX_PLANS) throw error
      write.log(`${error.message} The commit is planned again.`)
      await discardOwnFiles(write, current, plan)
    }
  }
}

async function commitPlan(
  log: Log,
  write: TableWrite<IngestJournal>,
  load: CommitLoad,
  { landing, plan, current }: { landing: Landing; plan: PlannedLanding; current: LoadedTable },
): Promise<IngestOutcome> {
  const { branch, table, committedAtMs } = load
  const { operation, counts } = plan
  const { files } = landing
  const snapshotId = newSnapshotId()
  const outcome = toOutcome(load, { files, landing, counts, snapshotId })
  Object.assign(write.journal, { snapshotId, outcome: { ...outcome }, mayBeSent: false })
  await write.save()
  await runOperation(
    log,
    {
      ...snapshotCommit(write, {
        store: current.store,
        tableUuid: table.metadata.tableUuid,
        sizes: [
          ...files.map(({ file, dataFile }) => ({ location: dataFile.filePath, sizes: file.sizes })),
          ...plan.rewrittenSizes,
        ],
        approval: load.approval,
      }),
      branch,
      mergesManifests: true,
      // As the operation, by which History finds the snapshot.
      auditAction: operation.name,
      auditedFields: pickFields(outcome),
      ...(branch !== MAIN_BRANCH && { auditedIntents: (committed) => branchMove(committed, branch) }),
      ...(committedAtMs !== undefined && { committedAtMs }),
    },
    async (metadata) => {
      requireSameTable(table.metadata, metadata)
      return { operation }
    },
  )
  write.log(describeCommit(outcome, operation.name))
  return outcome
}

/** The columns and fields that did not meet, for the audit. */
function pickFields({ absentColumns, skippedFields }: IngestOutcome): NonNullable<AuditState['fields']> {
  return { ...(absentColumns !== null && { absentColumns }), ...(skippedFields !== null && { skippedFields }) }
}

async function discardOwnFiles(
  write: TableWrite<IngestJournal>,
  { store }: LoadedTable,
  { ownLocations }: PlannedLanding,
): Promise<void> {
  const locations = new Set(ownLocations)
  await removeFiles(store, [...locations])
  write.journal.locations = write.journal.locations.filter((location) => !locations.has(location))
}

function lostRowsError(conflict: AppError): AppError {
  return new AppError(
    'commit-conflict',
    `${conflict.message} Nothing was loaded. Start the load again if it should replace these rows, too.`,
    { cause: conflict, facts: { ...conflict.facts } },
  )
}

/**
 * The files belong to the other table's folder and layout, and the rows may not be meant for the table that has its name
 * now, so the run is not retried.
 *
 * @throws {AppError} version-conflict
 */
function requireSameTable(before: TableMetadata, now: TableMetadata): void {
  if (before.tableUuid === now.tableUuid) return
  throw new AppError(
    'version-conflict',
    'The table was renamed or dropped while the load ran, and another table has its name. Nothing was loaded. Start the load again if its rows are for the other table.',
  )
}

function droppedTableError(table: TableIdentifier): AppError {
  return new AppError(
    'not-found',
    `The table ${entryLabel(table)} was dropped or renamed while the load ran. Nothing was loaded.`,
  )
}

function toOutcome(
  { outcome }: CommitLoad,
  {
    files,
    landing,
    counts,
    snapshotId,
  }: {
    files: readonly PlacedFile[]
    landing: Landing | null
    counts: PlannedLanding['counts']
    snapshotId: string | null
  },
): IngestOutcome {
  const rowsSuperseded = landing?.supersededRowCount ?? null
  const ofFiles = sum(files.map(({ file }) => file.recordCount))
  return {
    snapshotId,
    ...outcome,
    rowsCommitted: counts ? counts.updatedRowCount + counts.insertedRowCount : ofFiles,
    fileCount: files.length,
    storedBytes: sum(files.map(({ file }) => file.fileSizeBytes)),
    plainBytes: sum(files.map(({ file }) => file.sizes.plainBytes)),
    rowsSuperseded,
    rowsUpdated: counts?.updatedRowCount ?? null,
    rowsInserted: counts?.insertedRowCount ?? null,
  }
}

function describeCommit({ rowsCommitted, rowsUpdated, rowsInserted, snapshotId }: IngestOutcome, name: string): string {
  if (rowsUpdated !== null && rowsInserted !== null)
    return `${formatQuantity(rowsUpdated, 'row')} updated and ${formatQuantity(rowsInserted, 'row')} inserted as snapshot ${snapshotId}.`
  const verb = name === 'append' ? 'appended' : 'written in place of others'
  return `${formatQuantity(rowsCommitted, 'row')} ${verb} as snapshot ${snapshotId}.`
}
