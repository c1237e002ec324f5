import 'server-only'
import { sql } from 'kysely'
import type { PartBytes } from '@/lib/facts/storage-part'
import type { Database } from '../../database'
import { query } from '../../statement'
import type { Tables } from '../../tables'
import { isInScope, type SumScope } from '../is-in-scope'

/** The columns of tables with the most bytes, now and by day. */

export type ColumnKey = { tableId: number; fieldId: number }

export type LargeColumn = ColumnKey & {
  /** The path, joined by dots. */
  name: string
  type: string
  bytes: PartBytes
  isEstimated: boolean
  /** Most stored bytes first. */
  codecs: readonly { codec: string; storedBytes: number }[]
}

/** The largest columns of all these tables, most stored bytes first. */
export async function readLargestColumns(
  database: Database,
  { of, limit }: { of: SumScope; limit: number },
): Promise<LargeColumn[]> {
  const rows = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom('fact_column_sizes')
        .selectAll()
        .where('field_id', '<>', ALL_OTHERS)
        .where(isInScope(dialect, of))
        .orderBy('stored_bytes', 'desc')
        .orderBy('table_id')
        .orderBy('field_id')
        .limit(limit),
    ),
  )
  return rows.map(toColumn)
}

/** The stored bytes of the columns of a table, by field. Of the smallest ones only their sum is known. */
export async function readColumnBytes(database: Database, tableId: number): Promise<Map<number, number>> {
  const rows = await database.read(
    query(({ db }) =>
      db.selectFrom('fact_column_sizes').select(['field_id', 'stored_bytes']).where('table_id', '=', tableId),
    ),
  )
  return new Map(rows.map(({ field_id, stored_bytes }) => [field_id, stored_bytes]))
}

/** By how much each of these columns changed on each day from `fromDay` on. */
export async function readColumnDays(
  database: Database,
  { columns, fromDay }: { columns: readonly ColumnKey[]; fromDay: number },
): Promise<(ColumnKey & { day: number; bytes: PartBytes })[]> {
  const rows = await database.read(
    query((dialect) => {
      const sought = dialect.rowsOfTexts(
        columns.map(({ tableId, fieldId }) => [String(tableId), String(fieldId), null]),
      )
      return dialect.db
        .selectFrom('fact_column_days')
        .selectAll()
        .where('period', '>=', fromDay)
        .where(
          sql<boolean>`(table_id, field_id) in (select cast(sought.a as bigint), cast(sought.b as bigint) from ${sought})`,
        )
        .orderBy('table_id')
        .orderBy('field_id')
        .orderBy('period')
    }),
  )
  return rows.map((row) => ({ tableId: row.table_id, fieldId: row.field_id, day: row.period, bytes: toBytes(row) }))
}

/** The field of the sum of all columns that are not listed. */
const ALL_OTHERS = 0

function toColumn(row: Tables['fact_column_sizes']): LargeColumn {
  return {
    tableId: row.table_id,
    fieldId: row.field_id,
    name: row.column_name,
    type: row.type,
    bytes: toBytes(row),
    isEstimated: row.is_estimated === 1,
    codecs: JSON.parse(row.codecs) as LargeColumn['codecs'],
  }
}

function toBytes(row: Pick<Tables['fact_column_sizes'], 'stored_bytes' | 'encoded_bytes' | 'plain_bytes'>): PartBytes {
  return { stored: row.stored_bytes, encoded: row.encoded_bytes, plain: row.plain_bytes }
}
