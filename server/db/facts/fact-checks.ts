import 'server-only'
import { type SqlBool, sql } from 'kysely'
import { type Change, type Database } from '../database'
import { change, query } from '../statement'
import type { Tables } from '../tables'
import { inBatches } from './in-batches'
import { isTableInScope, type SumScope } from './is-in-scope'
import { isOneOf } from './is-one-of'

/** Comparisons of histories with their tables. */

/** How much more the history has than the table; null: it was not compared. */
export type Difference = { rows: number; files: number; bytes: number }

export type FactCheck = {
  tableId: number
  checkedAtMs: number
  /** The version that was compared; null: the table was dropped. */
  metadataLocation: string | null
  /** The files of the table, or only the sums of the history's own rows. */
  comparedWith: 'files' | 'sums'
  difference: Difference | null
}

const IS_DIFFERENT = sql<SqlBool>`(rows_off <> 0 or files_off <> 0 or bytes_off <> 0)`

/** The checks of the tables of a scope that were not dropped. */
export async function sumFactChecks(
  database: Database,
  of: SumScope,
): Promise<{
  /** The oldest of them; null: there is none. */
  atMs: number | null
  comparedCount: number
  uncomparedCount: number
  differentCount: number
}> {
  const [row] = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom('fact_tables')
        .leftJoin('fact_checks', 'fact_checks.table_id', 'fact_tables.id')
        .select(({ fn }) => [
          fn.min<number | null>('checked_at_ms').as('at_ms'),
          fn.countAll<number>().as('tables'),
          sql<number>`count(*) filter (where compared_with = 'files')`.as('compared'),
          sql<number>`count(*) filter (where ${IS_DIFFERENT})`.as('different'),
        ])
        .where('dropped_at_ms', 'is', null)
        .where(isTableInScope(dialect, of)),
    ),
  )
  const { tables = 0, compared = 0 } = row ?? {}
  return {
    atMs: row?.at_ms ?? null,
    comparedCount: compared,
    uncomparedCount: tables - compared,
    differentCount: row?.different ?? 0,
  }
}

/** Those that found a difference, in the order of their histories. */
export async function readDifferentChecks(
  database: Database,
  of: SumScope,
  limit: number,
): Promise<{ tableId: number; difference: Difference }[]> {
  const rows = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom('fact_tables')
        .innerJoin('fact_checks', 'fact_checks.table_id', 'fact_tables.id')
        .select(['table_id', 'rows_off', 'files_off', 'bytes_off'])
        .where('dropped_at_ms', 'is', null)
        .where(IS_DIFFERENT)
        .where(isTableInScope(dialect, of))
        .orderBy('table_id')
        .limit(limit),
    ),
  )
  return rows.map(({ table_id: tableId, rows_off: off, files_off: files, bytes_off: bytes }) => ({
    tableId,
    difference: { rows: off ?? 0, files: files ?? 0, bytes: bytes ?? 0 },
  }))
}

/** The checks of these histories. */
export async function readFactChecks(database: Database, tableIds: readonly number[]): Promise<FactCheck[]> {
  const rows = await database.read(
    query((dialect) =>
      dialect.db.selectFrom('fact_checks').selectAll().where(isOneOf(dialect, tableIds)).orderBy('table_id'),
    ),
  )
  return rows.map(({ rows_off: rowCount, files_off: files, bytes_off: bytes, ...row }) => ({
    tableId: row.table_id,
    checkedAtMs: row.checked_at_ms,
    metadataLocation: row.metadata_location,
    comparedWith: row.compared_with,
    difference: rowCount === null || files === null || bytes === null ? null : { rows: rowCount, files, bytes },
  }))
}

/** The rows of checks, in place of earlier ones of the same tables. */
export function factCheckChanges(checks: readonly FactCheck[]): Change[] {
  const columns = checks.map(
    ({ tableId, checkedAtMs, metadataLocation, comparedWith, difference }): Tables['fact_checks'] => ({
      table_id: tableId,
      checked_at_ms: checkedAtMs,
      metadata_location: metadataLocation,
      compared_with: comparedWith,
      rows_off: difference?.rows ?? null,
      files_off: difference?.files ?? null,
      bytes_off: difference?.bytes ?? null,
    }),
  )
  return inBatches(columns, (values) =>
    change(({ db }) =>
      db
        .insertInto('fact_checks')
        .values(values)
        .onConflict((conflict) =>
          conflict.column('table_id').doUpdateSet((eb) => ({
            checked_at_ms: eb.ref('excluded.checked_at_ms'),
            metadata_location: eb.ref('excluded.metadata_location'),
            compared_with: eb.ref('excluded.compared_with'),
            rows_off: eb.ref('excluded.rows_off'),
            files_off: eb.ref('excluded.files_off'),
            bytes_off: eb.ref('excluded.bytes_off'),
          })),
        ),
    ),
  )
}
