import 'server-only'
import type { AccessGrant } from '@/lib/contract/access/shapes'
import type { Resource } from '@/lib/permissions'
import type { StoredGrant } from '@/server/db/auth/grants'
import { readConnections } from '@/server/db/catalog/connections'
import { hasNamespace } from '@/server/db/catalog/namespaces'
import { readTableRow } from '@/server/db/catalog/table-rows'
import type { Services } from '@/server/services'

/** Each takes a lookup. The rest of a longer list is not looked up. */
const MAX_LOOKUPS = 200

/**
 * Grants for display: our own database shows whether their resources exist. Catalogs of connections are not contacted.
 */
export async function describeGrants(
  { config, database }: Pick<Services, 'config' | 'database'>,
  grants: readonly StoredGrant[],
): Promise<AccessGrant[]> {
  const connections = new Set((await readConnections(database)).map(({ name }) => name))
  const exists = async ({ catalog, namespace, table }: Resource, index: number): Promise<boolean | null> => {
    if (catalog === undefined) return true
    if (catalog !== config.catalogName)
      return connections.has(catalog) ? (namespace === undefined ? true : null) : false
    if (namespace === undefined) return true
    if (index >= MAX_LOOKUPS) return null
    if (table === undefined) return hasNamespace(database, catalog, namespace)
    return (await readTableRow(database, { catalog, namespace, table })) !== null
  }
  return Promise.all(grants.map(async (grant, i) => ({ ...grant, exists: await exists(grant.resource, i) })))
}
