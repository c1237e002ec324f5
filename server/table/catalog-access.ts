import 'server-only'
import type { CatalogAccess } from '@/lib/contract/table/tables'
import { type Actor, isPermitted } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { Config } from '@/server/config/config'

/**
 * How engines reach a catalog without the console. Lakeshore itself serves the embedded catalog. Its database file
 * knows no permissions, so only admins see its location.
 *
 * @param location the table's location
 */
export function catalogAccess(
  config: Config,
  { name, kind, warehouse, remote, findS3Access }: CatalogClient,
  location: string,
  actor: Actor,
): CatalogAccess {
  if (kind !== 'embedded') return { rest: remote ?? null, database: null, s3: findS3Access?.(location) ?? null }
  const { publicUrl, databaseFile, storage } = config
  return {
    rest: {
      uri: `${publicUrl}/iceberg`,
      warehouse: name,
      prefix: encodeURIComponent(name),
      signIn: { kind: 'bearer' },
      delegation: storage.kind === 's3' ? 'remote-signing' : 'none',
    },
    database:
      warehouse === null || !isPermitted(actor, 'console:admin', {})
        ? null
        : { uri: `sqlite:///${databaseFile}`, warehouse },
    s3:
      storage.kind === 's3'
        ? { endpoint: storage.endpoint, region: storage.region, isPathStyle: storage.isPathStyle }
        : null,
  }
}
