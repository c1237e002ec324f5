import { randomUUID } from 'node:crypto'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { writeTableMetadata } from '@/lib/iceberg/metadata-json'
import type { Database } from '@/server/db/database'
import type { Services } from '@/server/services'
import { openTestCatalog } from './test-lake'
import { rawChange } from './test-sql'

/** What another program does on the catalog's file, with no regard to whose the folders are. */

/** A commit that sets properties. */
export async function setPropertiesElsewhere(
  services: Pick<Services, 'catalogs' | 'config' | 'database'>,
  ref: TableRef,
  properties: Record<string, string>,
): Promise<void> {
  const { metadata, metadataLocation, store } = await (await openTestCatalog(services)).loadTable(ref)
  const changed = { ...metadata, properties: { ...metadata.properties, ...properties } }
  const to = metadataLocation.replace(/[^/]*$/, `00001-${randomUUID()}.metadata.json`)
  await store.writeNew(to, Buffer.from(writeTableMetadata(changed)))
  const sql = 'UPDATE iceberg_tables SET metadata_location = ? WHERE metadata_location = ?'
  await services.database.commit([rawChange(sql, [to, metadataLocation], 1)])
}

/** A table that is made of a metadata file, which another may be of already. */
export async function registerElsewhere(database: Database, ref: TableRef, metadataLocation: string): Promise<void> {
  const sql = `INSERT INTO iceberg_tables VALUES (?, ?, ?, ?, NULL, 'TABLE')`
  const params = [ref.catalog, ref.namespace.join('.'), ref.table, metadataLocation]
  await database.commit([rawChange(sql, params, 1)])
}
