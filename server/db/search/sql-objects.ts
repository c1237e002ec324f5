import 'server-only'
import { sql } from 'kysely'
import { splitNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import type { Database } from '../database'
import { query } from '../statement'
import { hasVisibleEntries, scopeTables, type SearchScope } from './search-scope'

/** Objects of the index that have SQL of their own. */

type ObjectRow = { catalog: string; namespace: string; object_name: string }
type ViewRow = ObjectRow & { metadata_location: string | null }
type Listed = { scope: SearchScope; limit: number }

/** A view, as the table of its name, and the metadata file that was read; null: it could not be read. */
export type IndexedView = TableIdentifier & { metadataLocation: string | null }

/** The views of the scope, in the order of their names. */
export async function readIndexedViews(database: Database, { scope, limit }: Listed): Promise<IndexedView[]> {
  const rows = await database.read(
    query<ViewRow>((dialect) => {
      const statement = sql<ViewRow>`${scopeTables(dialect, scope)} select search_objects.catalog,
          search_objects.namespace, search_objects.name as object_name, search_objects.metadata_location
        from search_objects
        where search_objects.kind = 'view' and ${hasVisibleEntries(scope)}
        order by search_objects.catalog, search_objects.namespace, search_objects.name limit ${sql.lit(limit)}`
      return { compile: () => statement.compile(dialect.db) }
    }),
  )
  return rows.map((row) => ({ ...toIdentifier(row), metadataLocation: row.metadata_location }))
}

/**
 * The tables of the scope with a property whose name begins with this, in the order of their names.
 *
 * @param prefix in lower case, ending with a dot
 */
export async function readTablesWithProperty(
  database: Database,
  prefix: string,
  { scope, limit }: Listed,
): Promise<TableIdentifier[]> {
  const end = `${prefix.slice(0, -1)}${AFTER_DOT}`
  const rows = await database.read(
    query<ObjectRow>((dialect) => {
      const statement = sql<ObjectRow>`${scopeTables(dialect, scope)} select distinct search_objects.catalog,
          search_objects.namespace, search_objects.name as object_name
        from search_entries ${dialect.joinEach('search_objects', sql`search_objects.id = search_entries.object_id`)}
        where search_entries.kind = 'property' and search_entries.folded >= ${prefix}
          and search_entries.folded < ${end} and search_objects.kind = 'table' and ${hasVisibleEntries(scope)}
        order by 1, 2, 3 limit ${sql.lit(limit)}`
      return { compile: () => statement.compile(dialect.db) }
    }),
  )
  return rows.map(toIdentifier)
}

/** The character after the dot. */
const AFTER_DOT = '/'

function toIdentifier({ catalog, namespace, object_name: table }: ObjectRow): TableIdentifier {
  return { catalog, namespace: splitNamespace(namespace), table }
}
