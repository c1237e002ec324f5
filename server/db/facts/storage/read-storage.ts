import 'server-only'
import { sql } from 'kysely'
import type { Database } from '../../database'
import { query } from '../../statement'
import { isInScope, isTableInScope, type SumScope } from '../is-in-scope'

/** How much of the storage of tables has been measured. */

export type TableStorage = {
  tableId: number
  dataFiles: number
  readFiles: number
  unreadableFiles: number
  /** Avro and ORC files. */
  otherFormatFiles: number
  isEstimated: boolean
  columnCount: number
  /** The codec that is set; null: none is. */
  codec: string | null
  /** Pages in the codec that is set for their column, and all whose column has one. Null: none has. */
  asSetBytes: number | null
  setBytes: number | null
  /** Why files could not be read: the first reason. */
  problem: string | null
}

/** Tables that are absent have not been measured yet. */
export async function readTableStorage(database: Database, of: SumScope): Promise<TableStorage[]> {
  const rows = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom('fact_storage')
        .select([
          'table_id',
          'data_files',
          'read_files',
          'unreadable_files',
          'other_format_files',
          'is_estimated',
          'column_count',
          'codec',
          'as_set_bytes',
          'set_bytes',
          'problem',
        ])
        .where(isInScope(dialect, of))
        .orderBy('table_id'),
    ),
  )
  return rows.map((row) => ({
    tableId: row.table_id,
    dataFiles: row.data_files,
    readFiles: row.read_files,
    unreadableFiles: row.unreadable_files,
    otherFormatFiles: row.other_format_files,
    isEstimated: row.is_estimated === 1,
    columnCount: row.column_count,
    codec: row.codec,
    asSetBytes: row.as_set_bytes,
    setBytes: row.set_bytes,
    problem: row.problem,
  }))
}

/** Tables of a scope that were not dropped, together. */
export async function sumTableStorage(
  database: Database,
  of: SumScope,
): Promise<{
  /** Data files whose footers were read, and all; those of tables that were not measured yet by their commits. */
  measuredCount: number
  fileCount: number
  /** The bytes of tables that were not measured yet. */
  unmeasuredBytes: number
  isEstimated: boolean
}> {
  const [row] = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom('fact_tables')
        .leftJoin('fact_storage', 'fact_storage.table_id', 'fact_tables.id')
        .select(({ fn }) => [
          fn.sum<number | null>('read_files').as('measured'),
          // Counts that some commit did not give may make a sum negative.
          sql<number>`sum(coalesce(data_files, case when total_files > 0 then total_files else 0 end))`.as('files'),
          sql<number>`sum(case when table_id is null and total_bytes > 0 then total_bytes else 0 end)`.as('bytes'),
          fn.max<number | null>('is_estimated').as('estimated'),
        ])
        .where('dropped_at_ms', 'is', null)
        .where(isTableInScope(dialect, of)),
    ),
  )
  return {
    measuredCount: row?.measured ?? 0,
    fileCount: row?.files ?? 0,
    unmeasuredBytes: row?.bytes ?? 0,
    isEstimated: row?.estimated === 1,
  }
}

/** Another one whenever a table has been measured. */
export async function readStorageVersion(database: Database): Promise<string> {
  const [row] = await database.read(
    query(({ db }) =>
      db
        .selectFrom('fact_storage')
        .select(({ fn }) => [fn.countAll<number>().as('count'), fn.sum<number | null>('revision').as('revisions')]),
    ),
  )
  return `${row?.count} ${row?.revisions}`
}
