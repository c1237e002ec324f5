import 'server-only'
import { config, ConfigError } from '@/server/config'
import { settleCatalogName } from '@/server/db/catalog-name'
import { openDatabase } from '@/server/db/open-database'

/**
 * Looks whether this process calls the catalog what all that share its PostgreSQL database call it. A database in a home
 * has its name in the home.
 *
 * @throws {ConfigError} for another name
 */
export async function requireSharedName(): Promise<void> {
  const { postgres, catalogName } = config()
  if (postgres === null) return
  const settled = await settleCatalogName(openDatabase(), catalogName)
  if (settled === catalogName) return
  throw new ConfigError(
    `LAKESHORE_CATALOG_NAME is "${catalogName}" here, but the database of LAKESHORE_DATABASE_URL holds the catalog ` +
      `"${settled}". The name is part of every row of the catalog. Nothing was started and nothing was changed: set ` +
      `LAKESHORE_CATALOG_NAME=${settled} with a LAKESHORE_HOME that was not made for another name, or use another ` +
      'database or LAKESHORE_DATABASE_SCHEMA.',
  )
}
