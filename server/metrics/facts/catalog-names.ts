import 'server-only'
import { type Actor, canEnter } from '@/server/auth/actor'
import { readConnections } from '@/server/db/catalog/connections'
import type { Database } from '@/server/db/database'

/** The names of the catalogs that the actor may enter: our own, and those of connections. */
export async function readCatalogNames(
  { config, database }: { config: { catalogName: string }; database: Database },
  actor: Actor,
): Promise<string[]> {
  const connections = await readConnections(database)
  return [config.catalogName, ...connections.map(({ name }) => name)].filter((catalog) => canEnter(actor, { catalog }))
}
