import 'server-only'
import { ConfigError } from '@/server/config'
import { settleCatalogName } from '@/server/db/catalog-name'
import type { Services } from '@/server/services'

/**
 * Looks whether this process calls the catalog what all that share its PostgreSQL database call it. A database in a home
 * has its name in the home.
 *
 * @throws {ConfigError} for another name
 */
export async function requireSharedName(services: Pick<Services, 'config' | 'database'>): Promise<void> {
  const { postgres, catalogName } = services.config
  if (postgres === null) return
  const settled = await settleCatalogName(services.database, catalogName)
  if (settled === catalogName) return
  throw new ConfigError(
    `LAKESHORE_CATALOG_NAME is "${catalogName}" here, but the database of LAKESHORE_DATABASE_URL holds the catalog ` +
      `"${settled}". The name is part of every row of the catalog. Nothing was started and nothing was changed: set ` +
      `LAKESHORE_CATALOG_NAME=${settled} with a LAKESHORE_HOME that was not made for another name, or use another ` +
      'database or LAKESHORE_DATABASE_SCHEMA.',
  )
}
