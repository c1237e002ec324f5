import 'server-only'
import { sql } from 'kysely'
import type { FacetKind } from '@/lib/contract/facets'
import { splitNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import { foldText } from '@/lib/search/fold-text'
import type { Database } from '../database'
import { query } from '../statement'
import { hasVisibleEntries, scopeTables, type SearchScope } from './search-scope'

/** Owners and tags of tables and views as a way to them. As in a search, case and accents do not matter. */

type FacetRow = { name: string; count: number }
type ObjectRow = { kind: 'table' | 'view'; catalog: string; namespace: string; object_name: string }

/**
 * The owners or the tags of the scope, each with its number of tables and views; the most frequent first.
 *
 * @param page.search only those that contain this text
 */
export async function readFacets(
  database: Database,
  kind: FacetKind,
  { scope, search, limit }: { scope: SearchScope; search: string; limit: number },
): Promise<FacetRow[]> {
  const needle = foldText(search)
  return database.read(
    query<FacetRow>((dialect) => {
      const statement = sql<FacetRow>`${scopeTables(dialect, scope)} select min(search_entries.name) as name,
          count(distinct search_entries.object_id) as count
        from search_entries ${dialect.joinEach('search_objects', sql`search_objects.id = search_entries.object_id`)}
        where search_entries.kind = ${kind} and search_entries.target is null and search_objects.kind <> 'namespace'
          and ${hasVisibleEntries(scope)}
          ${needle === '' ? sql`` : sql`and ${dialect.position(sql<string>`search_entries.folded`, sql<string>`${needle}`)} > 0`}
        group by search_entries.folded order by 2 desc, search_entries.folded limit ${sql.lit(limit)}`
      return { compile: () => statement.compile(dialect.db) }
    }),
  )
}

/** A table or a view; a view as the table of its name. */
export type FacetObject = TableIdentifier & { kind: 'table' | 'view' }

/** A page of the scope's tables and views with an owner or a tag, in the order of their names. */
export async function readFacetObjects(
  database: Database,
  { kind, name }: { kind: FacetKind; name: string },
  { scope, offset, limit }: { scope: SearchScope; offset: number; limit: number },
): Promise<FacetObject[]> {
  const rows = await database.read(
    query<ObjectRow>((dialect) => {
      const statement = sql<ObjectRow>`${scopeTables(dialect, scope)} select distinct search_objects.catalog,
          search_objects.namespace, search_objects.name as object_name, search_objects.kind
        from search_entries ${dialect.joinEach('search_objects', sql`search_objects.id = search_entries.object_id`)}
        where search_entries.kind = ${kind} and search_entries.folded = ${foldText(name)}
          and search_entries.target is null and search_objects.kind <> 'namespace' and ${hasVisibleEntries(scope)}
        order by 1, 2, 3 limit ${sql.lit(limit)} offset ${sql.lit(offset)}`
      return { compile: () => statement.compile(dialect.db) }
    }),
  )
  return rows.map(({ kind: objectKind, catalog, namespace, object_name: table }) => ({
    kind: objectKind,
    catalog,
    namespace: splitNamespace(namespace),
    table,
  }))
}
