import 'server-only'
import { sql } from 'kysely'
import { type Namespace, splitNamespace } from '@/lib/names/identifiers'
import { foldersOf } from '@/lib/search/parse-path'
import type { Database } from '../database'
import { query } from '../statement'
import { isVisible, scopeTables, type SearchScope } from './search-scope'

const MAX_FOLDERS = 12
const MAX_TABLES = 5
/** After every text that begins with the text before it. */
const AFTER_ALL = '\u{10FFFF}'

export type TableAround = { catalog: string; namespace: Namespace; table: string; changedAtMs: number | null }

/**
 * The tables of the scope whose folders contain the location, the innermost first: by the location of their metadata.
 * It scans every table, because no index fits.
 */
export async function findTablesAround(
  database: Database,
  location: string,
  scope: SearchScope,
): Promise<TableAround[]> {
  const folders = foldersOf(location, MAX_FOLDERS)
  if (folders.length === 0 || scope.catalogs.length === 0) return []
  const rows = await database.read(
    query<Row>((dialect) => {
      const isIn = folders.map((folder) => {
        const metadata = `${folder}/metadata/`
        return sql`(metadata_location >= ${metadata} and metadata_location < ${metadata + AFTER_ALL})`
      })
      const statement = sql<Row>`${scopeTables(dialect, scope)}
        select catalog, namespace, name, metadata_location, changed_at_ms from search_objects
        where kind = 'table' and (${sql.join(isIn, sql` or `)}) and ${isVisible(scope)}
        order by length(metadata_location) desc limit ${sql.lit(MAX_TABLES)}`
      return { compile: () => statement.compile(dialect.db) }
    }),
  )
  return rows.map((row) => ({
    catalog: row.catalog,
    namespace: splitNamespace(row.namespace),
    table: row.name,
    changedAtMs: row.changed_at_ms,
  }))
}

type Row = {
  catalog: string
  namespace: string
  name: string
  metadata_location: string
  changed_at_ms: number | null
}
