import 'server-only'
import { joinNamespace, LEVEL_SEPARATOR, type TableIdentifier } from '@/lib/names/identifiers'
import { sum } from '@/lib/sum'
import { type Actor, isPermitted } from '@/server/auth/actor'
import { readTableLocations } from '@/server/db/catalog/table-rows'
import type { Database } from '@/server/db/database'
import { readFactCatalogs } from '@/server/db/facts/fact-catalogs'

/**
 * How many tables have no history yet. Those of our own catalog are known by their names; other catalogs have said how
 * many they have, which counts for readers of all of them.
 *
 * @param names of the catalogs
 * @param known the tables with a history
 */
export async function countUnreadTables(
  { config, database }: { config: { catalogName: string }; database: Database },
  actor: Actor,
  names: readonly string[],
  known: readonly TableIdentifier[],
): Promise<number> {
  const own = await readTableLocations(database, config.catalogName)
  const knownNames = new Set(known.map(keyOf))
  const ofOwn = own.filter(({ table }) => !knownNames.has(keyOf(table)) && isPermitted(actor, 'table:read', table))
  const knownCounts = countByCatalog(known)
  const others = new Set(names.filter((catalog) => catalog !== config.catalogName))
  const ofOthers = (await readFactCatalogs(database)).map(({ catalog, tableCount }) =>
    others.has(catalog) && tableCount !== null && isPermitted(actor, 'table:read', { catalog })
      ? Math.max(tableCount - (knownCounts.get(catalog) ?? 0), 0)
      : 0,
  )
  return ofOwn.length + sum(ofOthers)
}

function countByCatalog(tables: readonly TableIdentifier[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { catalog } of tables) counts.set(catalog, (counts.get(catalog) ?? 0) + 1)
  return counts
}

function keyOf({ catalog, namespace, table }: TableIdentifier): string {
  return [catalog, joinNamespace(namespace), table].join(LEVEL_SEPARATOR)
}
