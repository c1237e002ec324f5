import { randomUUID } from 'node:crypto'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { writeTableMetadata } from '@/lib/iceberg/metadata-json'
import { openDatabase } from '@/server/db/open-database'
import { openTestCatalog } from './test-lake'
import { rawChange } from './test-sql'

/** What another program does on the catalog's file, with no regard to whose the folders are. */

/** A commit that sets properties. */
export async function setPropertiesElsewhere(ref: TableRef, properties: Record<string, string>): Promise<void> {
  const { metadata, metadataLocation, store } = await (await openTestCatalog()).loadTable(ref)
  const changed = { ...metadata, properties: { ...metadata.properties, ...properties } }
  const to = metadataLocation.replace(/[^/]*$/, `00001-${randomUUID()}.metadata.json`)
  await store.writeNew(to, Buffer.from(writeTableMetadata(changed)))
  const sql = 'UPDATE iceberg_tables SET metadata_location = ? WHERE metadata_location = ?'
  await openDatabase().commit([rawChange(sql, [to, metadataLocation], 1)])
}

/** A table that is made of a metadata file, which another may be of already. */
export async function registerElsewhere(ref: TableRef, metadataLocation: string): Promise<void> {
  const sql = `INSERT INTO iceberg_tables VALUES (?, ?, ?, ?, NULL, 'TABLE')`
  const params = [ref.catalog, ref.namespace.join('.'), ref.table, metadataLocation]
  await openDatabase().commit([rawChange(sql, params, 1)])
}
