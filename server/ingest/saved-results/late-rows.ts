import 'server-only'
import { AppError } from '@/lib/errors'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import type { Snapshot } from '@/lib/iceberg/metadata/table-metadata'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { decodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { NestedField, PrimitiveType } from '@/lib/iceberg/schema/types'
import type { IncrementalTable } from '@/lib/ingest/incremental-table'
import { entryLabel } from '@/lib/names/identifiers'
import { type FilesOfSnapshot, MAX_APPENDED_FILES } from '@/lib/scan/plan/appended-files'
import { planScan } from '@/lib/scan/plan/scan-plan'
import { bindPredicate } from '@/lib/scan/predicate/bind-predicate'
import { toLiteral } from '@/lib/scan/predicate/literal'
import type { Predicate } from '@/lib/scan/predicate/predicate'
import { predicateToJson } from '@/lib/scan/predicate/predicate-json'
import { prunePlan } from '@/lib/scan/prune/prune-plan'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { cacheScope, createManifestSource } from '@/server/table/files/live-files'
import type { TableServices } from '@/server/table/table-services'

/**
 * Rows that are read again because others with a similar time may have come late. A time is a whole number in the unit
 * of its column: days, microseconds or nanoseconds.
 */

/** How many units of a column are in a second; a date has whole days. */
const UNITS_PER_SECOND: Readonly<Record<string, bigint>> = {
  timestamp: 1_000_000n,
  timestamptz: 1_000_000n,
  timestamp_ns: 1_000_000_000n,
  timestamptz_ns: 1_000_000_000n,
}
const SECONDS_PER_DAY = 24n * 60n * 60n

/** The column of a table by whose times rows are late. */
export type EventTime = { field: NestedField; label: string; latenessUnits: bigint }

/** @throws {AppError} invalid-request for a column that the table does not have, or that has no times */
export function findEventTime(
  { metadata }: Pick<LoadedTable, 'metadata'>,
  { table, lateness }: IncrementalTable,
): EventTime | null {
  if (lateness === undefined) return null
  const { column, seconds } = lateness
  const label = `${column} of ${entryLabel(table)}`
  const field = currentSchema(metadata).fields.find(({ name }) => name === column)
  if (field === undefined) throw new AppError('invalid-request', `There is no column ${label}.`, { facts: { column } })
  const perSecond = typeof field.type === 'string' ? UNITS_PER_SECOND[field.type] : undefined
  if (perSecond === undefined && field.type !== 'date')
    throw new AppError('invalid-request', `The column ${label} is neither a date nor a timestamp.`, {
      facts: { column },
    })
  // The window is at least as long as it was chosen.
  const days = (BigInt(seconds) + SECONDS_PER_DAY - 1n) / SECONDS_PER_DAY
  return { field, label, latenessUnits: perSecond === undefined ? days : BigInt(seconds) * perSecond }
}

type MeasuredDataFile = Pick<DataFile, 'filePath' | 'recordCount' | 'metrics'>

/**
 * The newest time in some files, by their metrics.
 *
 * @throws {AppError} not-supported for a file whose metrics do not have it
 */
export async function newestTime(
  { field: { id, type }, label }: EventTime,
  files: AsyncIterable<MeasuredDataFile> | Iterable<MeasuredDataFile>,
): Promise<bigint | null> {
  let newest: bigint | null = null
  for await (const { filePath, recordCount, metrics } of files) {
    const upper = metrics.upperBounds.get(id)
    if (upper === undefined) {
      if (recordCount === 0 || metrics.nullValueCounts.get(id) === recordCount) continue
      throw new AppError(
        'not-supported',
        `A file does not say in its metrics what the newest ${label} is, so late rows cannot be found. Let writers record bounds of the column, and rewrite the file.`,
        { facts: { file: filePath } },
      )
    }
    if (typeof type !== 'string') throw new Error(`${label} has no bounds`)
    const time = decodeTime(type, upper, label)
    const lower = metrics.lowerBounds.get(id)
    if (lower !== undefined && decodeTime(type, lower, label) > time) {
      throw new AppError(
        'not-supported',
        `The metrics of a file contradict themselves about ${label}, so late rows cannot be found. Rewrite the file.`,
        { facts: { file: filePath } },
      )
    }
    if (newest === null || time > newest) newest = time
  }
  return newest
}

function decodeTime(type: PrimitiveType, bound: Uint8Array, label: string): bigint {
  const value = decodeSingleValue(type, bound)
  const time = typeof value === 'number' ? BigInt(value) : value
  if (typeof time !== 'bigint') throw new Error(`a bound of ${label} is no time`)
  return time
}

type Services = Pick<TableServices, 'manifestCache'>

/** The data files of a snapshot. Throws as `ScanPlan.tasksFrom`. */
export async function* listDataFiles(
  { manifestCache }: Services,
  table: LoadedTable,
  snapshot: Snapshot | null,
  signal: AbortSignal,
): AsyncGenerator<MeasuredDataFile, void> {
  yield* (await openPlan(manifestCache, table, snapshot, signal)).tasksFrom({ fromFile: 0 })
}

/**
 * The files of the snapshot of a position that have rows of the window before the newest time; null if none have. These
 * are rows that were read before, so none of them is among the rows that were appended since.
 *
 * @throws {AppError} version-conflict when the snapshot has expired; too-large for too many files
 */
export async function findLateRows(
  { manifestCache }: Services,
  table: LoadedTable,
  { snapshotId, newest, eventTime }: { snapshotId: string; newest: bigint; eventTime: EventTime },
  signal: AbortSignal,
): Promise<FilesOfSnapshot | null> {
  const { metadata } = table
  const snapshot = metadata.snapshots.find((one) => one.snapshotId === snapshotId)
  if (snapshot === undefined)
    throw new AppError(
      'version-conflict',
      `The snapshot of the last run has expired, so rows of ${eventTime.label} cannot be read again. Start the saved result again, from now or with all rows.`,
      { facts: { reason: 'expired' } },
    )
  const { id, type } = eventTime.field
  if (typeof type !== 'string') throw new Error(`${eventTime.label} has no times`)
  const from = newest - eventTime.latenessUnits
  const value = toLiteral(type, type === 'date' ? Number(from) : from)
  const predicate: Predicate = { kind: 'gt-eq', column: id, value }
  const bound = bindPredicate(predicate, currentSchema(metadata))
  const plan = await openPlan(manifestCache, table, snapshot, signal)
  const fileIndexes: number[] = []
  for await (const task of prunePlan(plan, bound, { metadata, takeTurns: manifestCache.takeTurns }).tasks()) {
    fileIndexes.push(task.fileIndex)
    if (fileIndexes.length > MAX_APPENDED_FILES)
      throw new AppError(
        'too-large',
        `More than ${MAX_APPENDED_FILES.toLocaleString('en')} files have rows of the window of ${eventTime.label}, which is the limit of one run. Choose a shorter window, or compact the table.`,
        { facts: { maxFiles: MAX_APPENDED_FILES } },
      )
  }
  if (fileIndexes.length === 0) return null
  return { snapshotId, fileIndexes, where: stringifyExactJson(predicateToJson(predicate)) }
}

async function openPlan(
  manifestCache: Services['manifestCache'],
  table: LoadedTable,
  snapshot: Snapshot | null,
  signal: AbortSignal,
) {
  const source = createManifestSource(manifestCache, table, { store: table.store, signal })
  return await planScan({ metadata: table.metadata, snapshot }, source, manifestCache.plansFor(cacheScope(table)))
}
