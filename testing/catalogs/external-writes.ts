import { randomUUID } from 'node:crypto'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { writeTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import type { Database } from '@/server/db/database'
import type { Services } from '@/server/services'
import { openTestCatalog } from './test-catalog'
import { rawChange } from '@/testing/databases/test-sql'

/** Writes to the catalog's database as another program makes them, without checks of folder ownership. */

/** Commits properties. */
export async function setPropertiesExternally(
  services: Pick<Services, 'catalogs' | 'config' | 'database'>,
  identifier: TableIdentifier,
  properties: Record<string, string>,
): Promise<void> {
  const { metadata, metadataLocation, store } = await (await openTestCatalog(services)).loadTable(identifier)
  const changed = { ...metadata, properties: { ...metadata.properties, ...properties } }
  const newLocation = metadataLocation.replace(/[^/]*$/, `00001-${randomUUID()}.metadata.json`)
  await store.writeNew(newLocation, Buffer.from(writeTableMetadata(changed)))
  const sql = 'UPDATE iceberg_tables SET metadata_location = ? WHERE metadata_location = ?'
  await services.database.commit([rawChange(sql, [newLocation, metadataLocation], 1)])
}

/** Registers a table from a metadata file, which may already belong to another table. */
export async function registerExternally(
  database: Database,
  identifier: TableIdentifier,
  metadataLocation: string,
): Promise<void> {
  const sql = `INSERT INTO iceberg_tables VALUES (?, ?, ?, ?, NULL, 'TABLE')`
  const params = [identifier.catalog, identifier.namespace.join('.'), identifier.table, metadataLocation]
  await database.commit([rawChange(sql, params, 1)])
}
