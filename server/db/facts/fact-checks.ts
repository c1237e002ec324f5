import 'server-only'
import { type Change, type Database } from '../database'
import { change, query } from '../statement'
import type { Tables } from '../tables'
import { inBatches } from './in-batches'
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

/** @param tableIds the histories; null: all */
export async function readFactChecks(database: Database, tableIds: readonly number[] | null): Promise<FactCheck[]> {
  const rows = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom('fact_checks')
        .selectAll()
        .$if(tableIds !== null, (checks) => checks.where(isOneOf(dialect, tableIds ?? [])))
        .orderBy('table_id'),
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
