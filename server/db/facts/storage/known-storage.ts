import 'server-only'
import { type AnyColumn, type InsertObject, sql } from 'kysely'
import type { CutBytes } from '@/lib/facts/storage-cuts'
import type { PartBytes, StoragePart } from '@/lib/facts/storage-part'
import { columnChanges, partChanges, type TableStorage } from '@/lib/facts/table-storage'
import type { Change, Database } from '../../database'
import { change, query } from '../../statement'
import type { Tables } from '../../tables'
import { inBatches } from '../in-batches'

/** The storage of tables as it was measured last. */

export type KnownStorage = {
  revision: number
  metadataLocation: string | null
  /** The day of the newest measurement, since 1970-01-01, in UTC. */
  period: number
  parts: ReadonlyMap<StoragePart, PartBytes>
  columns: ReadonlyMap<number, PartBytes>
}

/** A measurement. */
export type MeasuredStorage = {
  /** Null: the table was dropped. */
  metadataLocation: string | null
  period: number
  /** When more of its footers are read; null: not before it has another version. */
  retryAtMs: number | null
  /** The value of `write.parquet.compression-codec`; null: it is not set. */
  codec: string | null
  /** How large writers should make data files; null: the table was dropped. */
  targetFileBytes: number | null
  storage: TableStorage
  /** With the parts that only snapshots hold. */
  parts: ReadonlyMap<StoragePart, PartBytes>
  /** The files whose footers were read; null: those of the measurement before. */
  cuts: readonly CutBytes[] | null
  /** The names and types of columns, by id. */
  fields: ReadonlyMap<number, { name: string; type: string }>
}

/** @returns null if the table was never measured */
export async function readKnownStorage(database: Database, tableId: number): Promise<KnownStorage | null> {
  const [row] = await database.read(
    query(({ db }) =>
      db.selectFrom('fact_storage').select(['revision', 'metadata_location', 'period']).where('table_id', '=', tableId),
    ),
  )
  if (row === undefined) return null
  const parts = await database.read(
    query(({ db }) => db.selectFrom('fact_parts').selectAll().where('table_id', '=', tableId)),
  )
  const columns = await database.read(
    query(({ db }) =>
      db
        .selectFrom('fact_column_sizes')
        .select(['field_id', 'stored_bytes', 'encoded_bytes', 'plain_bytes'])
        .where('table_id', '=', tableId),
    ),
  )
  return {
    revision: row.revision,
    metadataLocation: row.metadata_location,
    period: row.period,
    parts: new Map(parts.map((part) => [part.part as StoragePart, toBytes(part)])),
    columns: new Map(columns.map((column) => [column.field_id, toBytes(column)])),
  }
}

/** The rows that store a measurement. They fail the transaction when another process has stored one since. */
export function measuredStorageChanges(
  { tableId, catalog }: { tableId: number; catalog: string },
  before: KnownStorage | null,
  measured: MeasuredStorage,
): Change[] {
  const { period, storage, parts } = measured
  const ofParts = [...partChanges(before?.parts ?? new Map(), parts)].sort(byKey).map(([part, bytes]) => ({
    part,
    ...toColumns(bytes),
  }))
  const columns = new Map(storage.columns.map(({ fieldId, bytes }) => [fieldId, bytes]))
  const ofColumns = [...columnChanges(before?.columns ?? new Map(), columns)].map(([fieldId, bytes]) => ({
    table_id: tableId,
    field_id: fieldId,
    period,
    ...toColumns(bytes),
  }))
  return [
    storageChange(tableId, before, measured),
    change(({ db }) => db.deleteFrom('fact_parts').where('table_id', '=', tableId)),
    ...inBatches([...parts], (batch) =>
      change(({ db }) =>
        db
          .insertInto('fact_parts')
          .values(batch.map(([part, bytes]) => ({ table_id: tableId, part, ...toColumns(bytes) }))),
      ),
    ),
    change(({ db }) => db.deleteFrom('fact_column_sizes').where('table_id', '=', tableId)),
    ...columnSizeChanges(tableId, measured),
    ...cutChanges(tableId, measured.cuts),
    ...addedChanges(
      'fact_part_days',
      ['table_id', 'period', 'part'],
      ofParts.map((row) => ({ table_id: tableId, period, ...row })),
    ),
    ...addedChanges(
      'fact_lake_part_days',
      ['period', 'catalog', 'part'],
      ofParts.map((row) => ({ catalog, period, ...row })),
    ),
    ...addedChanges('fact_column_days', ['table_id', 'field_id', 'period'], ofColumns),
  ]
}

/** A measurement that failed: what was measured before stays, and a later one is tried. */
export function failedStorageChange(tableId: number, { retryAtMs, problem }: { retryAtMs: number; problem: string }) {
  return change(({ db }) =>
    db.updateTable('fact_storage').set({ retry_at_ms: retryAtMs, problem }).where('table_id', '=', tableId),
  )
}

function storageChange(tableId: number, before: KnownStorage | null, measured: MeasuredStorage): Change {
  const { storage, codec } = measured
  return change(
    ({ db, nowMs }) => {
      const row = {
        metadata_location: measured.metadataLocation,
        measured_at_ms: nowMs,
        retry_at_ms: measured.retryAtMs,
        period: measured.period,
        data_files: storage.dataFiles,
        read_files: storage.readFiles,
        unreadable_files: storage.unreadableFiles,
        other_format_files: storage.otherFormatFiles,
        is_estimated: storage.isEstimated ? 1 : 0,
        column_count: storage.columnCount,
        codec,
        target_file_bytes: measured.targetFileBytes,
        as_set_bytes: storage.setBytes === 0 ? null : storage.asSetBytes,
        set_bytes: storage.setBytes === 0 ? null : storage.setBytes,
        problem: storage.problem,
      }
      return before === null
        ? db
            .insertInto('fact_storage')
            .values({ table_id: tableId, revision: 1, ...row })
            .onConflict((conflict) => conflict.doNothing())
        : db
            .updateTable('fact_storage')
            .set({ ...row, revision: before.revision + 1 })
            .where('table_id', '=', tableId)
            .where('revision', '=', before.revision)
    },
    { expectedRows: 1 },
  )
}

function columnSizeChanges(tableId: number, { storage, fields }: MeasuredStorage): Change[] {
  return inBatches(storage.columns, (batch) =>
    change(({ db }) =>
      db.insertInto('fact_column_sizes').values(
        batch.map(({ fieldId, bytes, isEstimated, codecs, encodings, dictionary }) => ({
          table_id: tableId,
          field_id: fieldId,
          column_name: fields.get(fieldId)?.name ?? '',
          type: fields.get(fieldId)?.type ?? '',
          ...toColumns(bytes),
          is_estimated: isEstimated ? 1 : 0,
          codecs: JSON.stringify(codecs),
          encodings: JSON.stringify(encodings),
          dictionary,
        })),
      ),
    ),
  )
}

function cutChanges(tableId: number, cuts: readonly CutBytes[] | null): Change[] {
  if (cuts === null) return []
  return [
    change(({ db }) => db.deleteFrom('fact_storage_cuts').where('table_id', '=', tableId)),
    ...inBatches(cuts, (batch) =>
      change(({ db }) =>
        db
          .insertInto('fact_storage_cuts')
          .values(batch.map(({ cut, name, bytes }) => ({ table_id: tableId, cut, name, ...toColumns(bytes) }))),
      ),
    ),
  ]
}

type DayTable = 'fact_part_days' | 'fact_lake_part_days' | 'fact_column_days'

/** Added to what the day has. */
function addedChanges(
  name: DayTable,
  key: readonly AnyColumn<Tables, DayTable>[],
  rows: readonly InsertObject<Tables, DayTable>[],
): Change[] {
  const added = (column: keyof ReturnType<typeof toColumns>) =>
    sql<number>`${sql.ref(`${name}.${column}`)} + ${sql.ref(`excluded.${column}`)}`
  return inBatches(rows, (batch) =>
    change(({ db }) =>
      db
        .insertInto(name)
        .values(batch)
        .onConflict((conflict) =>
          conflict.columns(key).doUpdateSet({
            stored_bytes: added('stored_bytes'),
            encoded_bytes: added('encoded_bytes'),
            plain_bytes: added('plain_bytes'),
          }),
        ),
    ),
  )
}

function toColumns({ stored, encoded, plain }: PartBytes) {
  return { stored_bytes: stored, encoded_bytes: encoded, plain_bytes: plain }
}

function toBytes(row: { stored_bytes: number; encoded_bytes: number; plain_bytes: number }): PartBytes {
  return { stored: row.stored_bytes, encoded: row.encoded_bytes, plain: row.plain_bytes }
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}
