import 'server-only'
import { joinNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import { foldText } from '@/lib/search/fold-text'
import type { Database } from '../database'
import { query } from '../statement'

const MAX_SIMILAR = 100

/** Tables and views of the namespace whose names are the same for the index, which ignores case and accents. */
export async function readSimilarObjects(
  database: Database,
  { catalog, namespace, table }: TableIdentifier,
): Promise<{ kind: 'table' | 'view'; name: string }[]> {
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('search_objects')
        .select(['kind', 'name'])
        .where('kind', 'in', ['table', 'view'])
        .where('folded', '=', foldText(table))
        .where('catalog', '=', catalog)
        .where('namespace', '=', joinNamespace(namespace))
        .limit(MAX_SIMILAR),
    ),
  )
  return rows.flatMap(({ kind, name }) => (kind === 'namespace' ? [] : [{ kind, name }]))
}
