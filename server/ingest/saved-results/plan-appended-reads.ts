import 'server-only'
import { AppError } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import type { Snapshot } from '@/lib/iceberg/metadata/table-metadata'
import type { IncrementalTable } from '@/lib/ingest/incremental-table'
import { entryLabel, type TableIdentifier } from '@/lib/names/identifiers'
import type { TableState } from '@/lib/query/table-state'
import { findAppendedFiles, toFilesOfSnapshot } from '@/lib/scan/plan/appended-files'
import { type LostPosition, snapshotOperation, snapshotsAfter } from '@/lib/scan/plan/snapshots-after'
import { type Actor, requirePermission } from '@/server/auth/actor'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { cacheScope, createManifestSource } from '@/server/table/files/live-files'
import type { TableServices } from '@/server/table/table-services'
import { toWireSchema } from '@/server/table/wire-schema'
import { findEventTime, findLateRows, listDataFiles, newestTime } from './late-rows'
import type { StoredPosition, StoredPositions } from './repeat-state'

type Services = Pick<TableServices, 'catalogs' | 'manifestCache'>
type ReadOptions = { actor: Actor; signal: AbortSignal }

/** The states of its tables that a run reads, and how far it has come when it has saved the result. */
export type AppendedReads = {
  states: readonly TableState[]
  positions: StoredPositions
  /** No table has rows that were not read before. */
  isEmpty: boolean
  /** For the log: one for each table, without its name, which not every reader of the run may see. */
  sentences: readonly string[]
}

/**
 * Fixes the head of each table, and finds the files that were appended since the position. A table without a position is
 * read whole.
 *
 * @throws {AppError} version-conflict when rows were changed in another way, or the position is lost; too-large for too
 *   many files; forbidden, not-found; file-missing, file-damaged
 */
export async function planAppendedReads(
  services: Services,
  tables: readonly IncrementalTable[],
  positions: StoredPositions,
  options: ReadOptions,
): Promise<AppendedReads> {
  const reads: TableRead[] = []
  for (const [i, incremental] of tables.entries())
    reads.push(await planTableRead(services, incremental, positions[i] ?? null, options))
  return {
    states: reads.map(({ state }) => state),
    positions: reads.map(({ position }) => position),
    isEmpty: !reads.some(({ hasNewRows }) => hasNewRows),
    sentences: reads.map(({ sentence }, i) => (reads.length === 1 ? sentence : `Table ${i + 1}: ${sentence}`)),
  }
}

type TableRead = { state: TableState; position: StoredPosition; hasNewRows: boolean; sentence: string }

async function planTableRead(
  services: Services,
  incremental: IncrementalTable,
  before: StoredPosition | null,
  { actor, signal }: ReadOptions,
): Promise<TableRead> {
  const { table: identifier, onOtherChanges } = incremental
  requirePermission(actor, 'table:read', identifier)
  const catalog = await services.catalogs.open(identifier.catalog, actor)
  const table = await catalog.loadTable(identifier, { signal })
  const eventTime = findEventTime(table, incremental)
  if (before === null) return await readAll('because no run has read them before')
  const label = entryLabel(identifier)
  const { metadata } = table
  if (before.tableUuid !== metadata.tableUuid) throw lostError(label, 'replaced')
  const { snapshotId } = before
  if (snapshotId === null) return await readAll('because there were none before')
  const after = snapshotsAfter(metadata, { ...before, snapshotId }, metadata.currentSnapshotId)
  if (typeof after === 'string') throw lostError(label, after)
  const other = after.find(isOtherChange)
  if (other !== undefined && onOtherChanges === 'stop') throw otherChangeError(label, other)
  if (other !== undefined && onOtherChanges === 'read-all') return await readAll('because some were changed since')
  return await readAppended({ ...before, snapshotId }, after)

  async function readAll(why: string): Promise<TableRead> {
    const { metadata: head } = table
    const state = toState(identifier, table, null)
    const snapshot = head.snapshots.find((one) => one.snapshotId === state.snapshotId) ?? null
    const newest = eventTime && (await newestTime(eventTime, listDataFiles(services, table, snapshot, signal)))
    const position = toPosition(table, newest)
    return { state, position, hasNewRows: snapshot !== null, sentence: `All rows are read, ${why}.` }
  }

  async function readAppended(
    position: StoredPosition & { snapshotId: string },
    snapshots: readonly Snapshot[],
  ): Promise<TableRead> {
    const source = createManifestSource(services.manifestCache, table, { store: table.store, signal })
    const { layouts } = services.manifestCache.plansFor(cacheScope(table))
    const appended = await findAppendedFiles(metadata, snapshots, { source, layouts })
    const files = appended.flatMap((part) => part.files.map(({ dataFile }) => dataFile))
    const readBefore = position.newestTime === null ? null : BigInt(position.newestTime)
    const late =
      eventTime === null || readBefore === null || files.length === 0
        ? null
        : await findLateRows(
            services,
            table,
            { snapshotId: position.snapshotId, newest: readBefore, eventTime },
            signal,
          )
    const newest = laterOf(readBefore, eventTime && (await newestTime(eventTime, files)))
    return {
      state: toState(identifier, table, [...appended.map(toFilesOfSnapshot), ...(late === null ? [] : [late])]),
      position: toPosition(table, newest),
      hasNewRows: files.length > 0,
      sentence:
        files.length === 0
          ? 'No rows were appended since the last run.'
          : `${formatQuantity(files.length, 'file')} with rows that were appended since the last run${late === null ? '' : `, and ${formatQuantity(late.fileIndexes.length, 'file')} that may have rows to read again`}.`,
    }
  }
}

function toState(identifier: TableIdentifier, { metadata }: LoadedTable, parts: TableState['parts']): TableState {
  return { identifier, schema: toWireSchema(currentSchema(metadata)), snapshotId: metadata.currentSnapshotId, parts }
}

function toPosition({ metadata }: LoadedTable, newest: bigint | null): StoredPosition {
  const { tableUuid, currentSnapshotId: snapshotId } = metadata
  return { tableUuid, snapshotId, newestTime: newest === null ? null : String(newest) }
}

function laterOf(a: bigint | null, b: bigint | null): bigint | null {
  if (a === null || b === null) return a ?? b
  return a > b ? a : b
}

function isOtherChange(snapshot: Snapshot): boolean {
  const operation = snapshotOperation(snapshot)
  return operation !== 'append' && operation !== 'replace'
}

/** The choice that a user has after either error. */
const HOW_TO_GO_ON = 'Start the saved result again, from now or with all rows.'

function otherChangeError(label: string, snapshot: Snapshot): AppError {
  const operation = snapshotOperation(snapshot)
  const did = operation === 'unknown' ? 'may have changed' : operation === 'delete' ? 'deleted' : 'changed'
  return new AppError(
    'version-conflict',
    `Snapshot ${snapshot.snapshotId} of ${label} ${did} rows since the last run, and the saved result stops then. Choose to read only appended rows or all rows after other changes, or start the saved result again.`,
    { facts: { snapshotId: snapshot.snapshotId, operation } },
  )
}

function lostError(label: string, reason: LostPosition): AppError {
  const happened = {
    replaced: `${label} was dropped and created again since the last run`,
    expired: `${label} has expired snapshots that no run has read, so it is not known which rows are new`,
    'rolled-back': `${label} was rolled back to a snapshot before the last run`,
  }[reason]
  return new AppError('version-conflict', `${happened}. ${HOW_TO_GO_ON}`, { facts: { reason } })
}
