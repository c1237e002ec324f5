import 'server-only'
import { AppError, TRANSIENT_DATABASE_CODES } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { reachedFiles, type SnapshotGroup } from '@/lib/changes/impact/reached-files'
import { isGcEnabled } from '@/lib/iceberg/properties/gc-enabled'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { finishingActor } from '@/server/jobs/run-actor'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { tableFolders } from '@/server/catalog/folders/table-folders'
import type { Run } from '@/server/db/jobs/runs'
import { freedEventChange } from '@/server/db/facts/freed-event'
import { findHistoriesOf } from '@/server/db/facts/histories'
import type { RunContext, RunKind } from '@/server/jobs/run-kind'
import type { Services } from '@/server/services'
import { createTurns } from '@/server/timing/take-turns'
import { LOOKING } from '@/server/table/expiry/queued-removals'
import { normalizeLocation, snapshotGroup } from '@/server/table/expiry/walk-files'
import { CommitWatch } from './commit-watch'
import { type ExpiredTable, findExpiredTable, pendingSnapshots } from './expired-table'
import { FileRemover } from './file-remover'
import {
  anyRemovalJournal,
  type CheckedTables,
  NEW_REMOVAL,
  type RemovalCounts,
  type RemovalJournal,
} from './removal-journal'
import { loadSharingTables, type TableCheck } from './sharing-tables'

/**
 * Removes the files of expired snapshots that are no longer reachable. Reachable files are found right before, from the
 * current tables: tables that were committed, restored or registered since keep their files.
 *
 * An interrupted run is repeated. It removes only files that are still unreachable, and continues the counts of its
 * journal.
 */

type RemovalServices = Pick<Services, 'catalogs' | 'database' | 'metadataFiles'>

export function removeExpiredFilesRuns(services: RemovalServices): RunKind<'remove-expired-files'> {
  return {
    maxConcurrent: 1,
    retryOn: [...TRANSIENT_DATABASE_CODES, 'catalog-unavailable', 'storage-unavailable'],
    keepsJournal: true,
    work: (run, context) => removeExpiredFiles(services, run, context),
    settle: async () => null,
    tidy: async () => {},
  }
}

const NAMESPACE_REMEDY =
  'Let the connection list the namespace, or drop it with the program that created it, and retry the run.'

const NOTHING: RemovalCounts = NEW_REMOVAL.counts

async function removeExpiredFiles(
  services: RemovalServices,
  run: Run,
  context: RunContext<'remove-expired-files'>,
): Promise<JsonObject> {
  const saved = run.journal === null ? null : anyRemovalJournal.parse(run.journal)
  const journal = saved === null || saved.phase === LOOKING ? NEW_REMOVAL : saved
  const checked = saved?.phase === LOOKING ? saved.checked : null
  let hasBegun = saved !== null && saved.phase !== LOOKING
  const begin = async (): Promise<void> => {
    if (!hasBegun) await context.saveJournal(journal)
    hasBegun = true
  }
  try {
    return await removeUnreached(services, run, { journal, checked, hasBegun }, { ...context, begin })
  } catch (error) {
    if (hasBegun || !(error instanceof AppError)) throw error
    throw new AppError(error.code, error.message, { cause: error, facts: { ...error.facts, filesRemoved: 0 } })
  }
}

async function removeUnreached(
  services: RemovalServices,
  run: Run,
  { journal, checked, hasBegun }: { journal: RemovalJournal; checked: CheckedTables | null; hasBegun: boolean },
  context: RunContext<'remove-expired-files'> & { begin: () => Promise<void> },
): Promise<JsonObject> {
  const { signal, log } = context
  const { table: identifier } = run
  if (identifier === null) throw new AppError('invalid-request', 'A removal must name a table.')
  // Sees every table, whatever the user may see: files that any of them uses have to stay.
  const catalog = await services.catalogs.open(identifier.catalog, finishingActor(run))
  const expired = await findExpiredTable(services, catalog, run, signal)
  if ('reason' in expired) {
    log(`${expired.reason} No file was removed.`, 'warning')
    return NOTHING
  }
  const { table, earlier, snapshots } = expired
  if (!isGcEnabled(table.metadata.properties))
    throw new AppError('not-supported', 'The property gc.enabled of the table is false now. No file was removed.')
  if (snapshots.length === 0) {
    log('The table has all of these snapshots again, so none of their files is removed.')
    return NOTHING
  }
  const folders = [...new Set([...tableFolders(earlier), ...tableFolders(table.metadata)])]
  const check = checkOf(services, context, { checked, hasBegun })
  const sharing = await loadSharingTables(catalog, folders, check)
  const isOurs = ({ metadata }: LoadedTable) => metadata.tableUuid === table.metadata.tableUuid
  const others = sharing.filter((one) => !isOurs(one))
  const tables = sharing.some(isOurs) ? sharing : [...sharing, table]
  if (others.length > 0) log(`${formatQuantity(others.length, 'other table')} share the folder. Their files stay.`)

  const walk = { signal, takeTurns: createTurns() }
  const readCounter = countReads(context)
  const retained = [
    ...tables.map((one) =>
      snapshotGroup('retained' as const, one, one.metadata.snapshots, { ...walk, onList: readCounter }),
    ),
    ...(await pendingSnapshots(services, run, table, signal)).map((other) =>
      snapshotGroup('retained' as const, { metadata: other.metadata, store: table.store }, other.snapshots, walk),
    ),
  ]
  const loadTables = catalog.purgeSupport
    ? () => loadSharingTables(catalog, folders, check)
    : () => Promise.all(tables.map((one) => catalog.loadTable(one.identifier, { signal })))
  const watch = new CommitWatch(tables, { ...walk, loadTables })
  const remover = new FileRemover(
    { store: table.store, folders, others, watch, begin: context.begin, context },
    journal.counts,
  )
  await removeInPhases(expired, { retained, walk }, { remover, journal, context })
  const { filesRemoved, bytesRemoved, filesRetained } = remover.counts
  log(
    `${formatQuantity(filesRemoved, 'file')} of ${formatBytes(bytesRemoved)} removed${filesRetained === 0 ? '' : `, ${formatQuantity(filesRetained, 'file')} outside the table’s folders left`}.`,
  )
  await recordFreed(services.database, run, table.metadata.tableUuid, remover.counts)
  return remover.counts
}

/** The history of the table says what it freed. A run that is repeated says it once. */
async function recordFreed(
  database: Services['database'],
  { id, table }: Run,
  tableUuid: string,
  { filesRemoved, bytesRemoved }: RemovalCounts,
): Promise<void> {
  if (filesRemoved === 0 || table === null) return
  const [history] = await findHistoriesOf(database, { catalog: table.catalog, tableUuid })
  if (!history) return
  const freed = { files: filesRemoved, bytes: bytesRemoved }
  await database.commit([freedEventChange(history.id, { runId: id, ...freed })])
}

type Removal = {
  remover: FileRemover
  journal: RemovalJournal
  context: Pick<RunContext<'remove-expired-files'>, 'saveJournal' | 'log'>
}

/** Removes files before the manifests that name them, so that an interrupted run finds the rest again. */
async function removeInPhases(
  { table, earlier, snapshots }: ExpiredTable,
  { retained, walk }: { retained: readonly SnapshotGroup<'retained'>[]; walk: Parameters<typeof snapshotGroup>[3] },
  { remover, journal, context }: Removal,
): Promise<void> {
  const { phase } = journal
  const listSizes = new Map<string, number>()
  const onList = (sizeBytes: number, { manifestList }: { manifestList: string | null }): void => {
    if (manifestList !== null) listSizes.set(manifestList, sizeBytes)
  }
  const removed = snapshotGroup('removed' as const, { metadata: earlier, store: table.store }, snapshots, {
    ...walk,
    onList,
  })
  const group = withoutMissing(removed, phase, context.log)
  const manifests: { location: string; sizeBytes: number }[] = []
  const lists: { location: string; sizeBytes: number | null }[] = []
  for await (const { group: name, kind, location, sizeBytes } of reachedFiles<'retained' | 'removed'>(
    [...retained, group],
    normalizeLocation,
  )) {
    if (name !== 'removed') continue
    if (kind === 'data' || kind === 'deletes')
      await remover.remove({ location, sizeBytes: sizeBytes ?? 0, isData: true })
    else if (kind === 'manifest') manifests.push({ location, sizeBytes: sizeBytes ?? 0 })
    else lists.push({ location, sizeBytes })
  }
  await remover.flush()
  let listBytes = journal.listBytes
  if (phase === 'data') {
    listBytes = lists.reduce((sum, { location, sizeBytes }) => sum + (sizeBytes ?? listSizes.get(location) ?? 0), 0)
    await context.saveJournal({ phase: 'manifests', counts: remover.counts, listBytes })
  }
  if (phase !== 'lists') {
    for (const file of manifests) await remover.remove({ ...file, isData: false })
    await remover.flush()
    await context.saveJournal({ phase: 'lists', counts: remover.counts, listBytes })
  }
  for (const { location } of lists) await remover.remove({ location, sizeBytes: 0, isData: false })
  await remover.flush()
  remover.counts = { ...remover.counts, bytesRemoved: remover.counts.bytesRemoved + listBytes }
}

/**
 * The group without the files that an earlier attempt removed: a finished phase is not walked again, and files missing
 * in the current phase name no remaining files.
 */
function withoutMissing(
  group: SnapshotGroup<'removed'>,
  phase: RemovalJournal['phase'],
  log: RunContext['log'],
): SnapshotGroup<'removed'> {
  const note = (error: unknown): void => {
    if (!(error instanceof AppError) || error.code !== 'file-missing') throw error
    log(`${error.message} Files that only it names stay.`, 'warning')
  }
  return {
    ...group,
    async *readManifests(snapshot) {
      if (phase === 'lists') return
      try {
        yield* group.readManifests(snapshot)
      } catch (error) {
        note(error)
      }
    },
    async *readFiles(manifest) {
      if (phase !== 'data') return
      try {
        yield* group.readFiles(manifest)
      } catch (error) {
        note(error)
      }
    },
  }
}

/** A removal that has begun uses the journal for its files, so it checks every table again. */
function checkOf(
  { database }: Pick<Services, 'database'>,
  { signal, log, report, saveJournal }: RunContext<'remove-expired-files'>,
  { checked, hasBegun }: { checked: CheckedTables | null; hasBegun: boolean },
): TableCheck {
  return {
    signal,
    ending: 'No file was removed.',
    unlistedRemedy: NAMESPACE_REMEDY,
    checked,
    nowMs: () => database.nowMs(),
    onListed: (skippedCount, total) =>
      log(
        skippedCount === 0
          ? `Checking ${formatQuantity(total, 'table')} of the catalog, because any of them may use the folder.`
          : `Continuing after ${formatCount(skippedCount)} of ${formatQuantity(total, 'table')}.`,
      ),
    onTable: (checkedCount, total) =>
      report({ phase: 'looking', done: checkedCount, total, unit: 'tables', counters: {} }),
    saveChecked: async (next) => {
      if (!hasBegun) await saveJournal({ phase: LOOKING, checked: next })
    },
  }
}

function countReads({ report }: Pick<RunContext<'remove-expired-files'>, 'report'>): () => void {
  let readCount = 0
  return () => {
    readCount += 1
    report({ phase: 'reading', done: readCount, total: null, unit: 'snapshots', counters: {} })
  }
}
