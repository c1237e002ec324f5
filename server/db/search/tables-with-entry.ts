import 'server-only'
import { splitNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import type { EntryKind } from '@/lib/search/entry-kinds'
import { foldText } from '@/lib/search/fold-text'
import type { Database } from '../database'
import { query } from '../statement'

/**
 * The tables of a catalog that have an entry of their own, such as an owner, in any case. Entries of columns do not
 * count.
 *
 * @param detail of the entry, such as the value of a property, exactly; absent: any
 */
export async function findTablesWithEntry(
  database: Database,
  catalog: string,
  { kind, name, detail }: { kind: EntryKind; name: string; detail?: string },
): Promise<TableIdentifier[]> {
  const rows = await database.read(
    query(({ db }) => {
      const found = db
        .selectFrom('search_entries')
        .innerJoin('search_objects', 'search_objects.id', 'search_entries.object_id')
        .select(['search_objects.namespace', 'search_objects.name'])
        .where('search_entries.kind', '=', kind)
        .where('search_entries.folded', '=', foldText(name))
        .where('search_entries.target', 'is', null)
        .where('search_objects.catalog', '=', catalog)
        .where('search_objects.kind', '=', 'table')
      return detail === undefined ? found : found.where('search_entries.detail', '=', detail)
    }),
  )
  return rows.map(({ namespace, name: table }) => ({ catalog, namespace: splitNamespace(namespace), table }))
}
