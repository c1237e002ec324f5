import 'server-only'
import type { CatalogAccess } from '@/lib/contract/tables'
import type { CatalogClient } from '@/server/catalog/catalog-client'
import { config } from '@/server/config'

/** How engines reach a catalog without Lakeshore's pages: the embedded one is served by Lakeshore itself. */
export function catalogAccess({ name, kind, warehouse, remote }: CatalogClient): CatalogAccess {
  if (kind !== 'embedded') return { rest: remote ?? null, database: null }
  const { publicUrl, databaseFile } = config()
  return {
    rest: {
      uri: `${publicUrl}/iceberg`,
      warehouse: name,
      prefix: encodeURIComponent(name),
      signIn: { kind: 'bearer' },
    },
    database: warehouse === null ? null : { uri: `sqlite:///${databaseFile}`, warehouse },
  }
}
