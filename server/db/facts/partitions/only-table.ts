import 'server-only'
import { splitNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import type { Database } from '../../database'
import { query } from '../../statement'
import { isTableInScope, type SumScope } from '../is-in-scope'

/** A table and its histories: a table that was dropped may have had its name. */
export type OnlyTable = { table: TableIdentifier; ids: readonly number[] }

const MAX_HISTORIES = 100

/** The table of a scope; null if it has several, or none. */
export async function findOnlyTable(database: Database, of: SumScope): Promise<OnlyTable | null> {
  const rows = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom('fact_tables')
        .select(['id', 'catalog', 'namespace', 'table_name'])
        .where(isTableInScope(dialect, of))
        .limit(MAX_HISTORIES),
    ),
  )
  const [first] = rows
  if (first === undefined || rows.length === MAX_HISTORIES) return null
  const nameOf = ({ catalog, namespace, table_name: name }: typeof first) => JSON.stringify([catalog, namespace, name])
  if (rows.some((row) => nameOf(row) !== nameOf(first))) return null
  return {
    table: { catalog: first.catalog, namespace: splitNamespace(first.namespace), table: first.table_name },
    ids: rows.map(({ id }) => id),
  }
}
