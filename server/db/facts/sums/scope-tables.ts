import 'server-only'
import { sql } from 'kysely'
import type { Amounts } from '@/lib/facts/amounts'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Database } from '../../database'
import { query } from '../../statement'
import { toName } from '../fact-tables'
import { isTableInScope, type SumScope } from '../is-in-scope'

/** Facts about all tables of a scope, mostly sums. */

/** The names of histories. */
export async function readFactNames(
  database: Database,
  of: SumScope,
): Promise<{ id: number; table: TableIdentifier }[]> {
  const rows = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom('fact_tables')
        .select(['id', 'catalog', 'namespace', 'table_name'])
        .where(isTableInScope(dialect, of)),
    ),
  )
  return rows.map((row) => ({ id: row.id, table: toName(row) }))
}

/** How many tables of a scope there are, and the totals of their histories. */
export async function readScopeTotal(
  database: Database,
  of: SumScope,
): Promise<{ tableCount: number; total: Pick<Amounts, 'rows' | 'files' | 'bytes'> }> {
  const [row] = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom('fact_tables')
        .select(({ fn }) => [
          sql<number>`count(*) filter (where dropped_at_ms is null)`.as('table_count'),
          fn.sum<number | null>('total_rows').as('rows'),
          fn.sum<number | null>('total_files').as('files'),
          fn.sum<number | null>('total_bytes').as('bytes'),
        ])
        .where(isTableInScope(dialect, of)),
    ),
  )
  const { rows, files, bytes } = row ?? {}
  return { tableCount: row?.table_count ?? 0, total: { rows: rows ?? 0, files: files ?? 0, bytes: bytes ?? 0 } }
}

/** The catalogs of which there are histories, also those that were removed. */
export async function listFactCatalogs(database: Database): Promise<string[]> {
  const rows = await database.read(
    query(({ db }) => db.selectFrom('fact_tables').select('catalog').distinct().orderBy('catalog')),
  )
  return rows.map(({ catalog }) => catalog)
}

/** Whether several histories of these catalogs are of tables with one UUID. */
export async function hasRepeatedTables(database: Database, catalogs: readonly string[]): Promise<boolean> {
  const rows = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom('fact_tables')
        .select('table_uuid')
        .where(isTableInScope(dialect, { catalogs }))
        .groupBy('table_uuid')
        .having(({ fn }) => fn.countAll(), '>', 1)
        .limit(1),
    ),
  )
  return rows.length > 0
}
