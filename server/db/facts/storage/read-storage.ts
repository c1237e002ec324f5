import 'server-only'
import type { Database } from '../../database'
import { query } from '../../statement'
import { isInScope, type SumScope } from '../is-in-scope'

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
