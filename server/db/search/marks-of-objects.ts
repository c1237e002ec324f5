import 'server-only'
import { sql } from 'kysely'
import { joinNamespace, type Namespace, splitNamespace } from '@/lib/iceberg/identifiers'
import type { Database } from '../database'
import { query } from '../statement'

type Row = { catalog: string; namespace: string; object_name: string; name: string; detail: string | null }
type NamedObject = { catalog: string; namespace: Namespace; name: string }

/** *Certified* or *deprecated*, with the reason, of those tables and views that are marked. */
export async function readMarks(
  database: Database,
  objects: readonly NamedObject[],
): Promise<(NamedObject & { mark: string; reason: string | null })[]> {
  if (objects.length === 0) return []
  const sought = objects.map(({ catalog, namespace, name }) => [catalog, joinNamespace(namespace), name])
  const rows = await database.read(
    query<Row>((dialect) => {
      const isSought = sql`search_objects.catalog = sought.a and search_objects.namespace = sought.b
          and search_objects.name = sought.c`
      const isMark = sql`search_entries.object_id = search_objects.id and search_entries.kind = 'mark'
          and search_entries.target is null`
      const statement = sql<Row>`select search_objects.catalog, search_objects.namespace, search_objects.name as object_name,
            search_entries.name, search_entries.detail
          from ${dialect.lookUp(sought, 'search_objects', isSought)} ${dialect.joinEach('search_entries', isMark)}`
      return { compile: () => statement.compile(dialect.db) }
    }),
  )
  return rows.map((row) => ({
    catalog: row.catalog,
    namespace: splitNamespace(row.namespace),
    name: row.object_name,
    mark: row.name,
    reason: row.detail,
  }))
}
