import * as z from 'zod'
import { endpoint } from './endpoint'
import { MAX_URL_TEXT_CHARS } from './shapes/limits'
import { contractSchemas } from './shapes/schemas'
import { catalogInput, count, instantMs, listedNamespace, location } from './shapes/wire'

/** The table or view that owns a folder. */
export const folderOwner = z
  .object({ kind: z.enum(['table', 'view']), catalog: z.string(), namespace: listedNamespace, name: z.string() })
  .register(contractSchemas, { id: 'FolderOwner' })
export type FolderOwner = z.output<typeof folderOwner>

/**
 * `owned`: a table or view owns the folder, or one around it. `shared`: tables or views own folders in it. `unowned`:
 * no table or view owns the folder or one in it.
 */
export const folderUse = z.enum(['owned', 'shared', 'unowned'])
export type FolderUse = z.output<typeof folderUse>

const ownership = {
  ownership: folderUse,
  /** Null also for an owner that the caller may not read, or whose name no request can address. */
  owner: folderOwner.nullable(),
}

/** A folder in a folder of a warehouse. */
export const warehouseFolder = z
  .object({
    name: z.string(),
    location: z.string(),
    /** Whether it can be listed; some names are in no location that passes the location gate. */
    isListable: z.boolean(),
    ...ownership,
  })
  .register(contractSchemas, { id: 'WarehouseFolder' })
export type WarehouseFolder = z.output<typeof warehouseFolder>

/** A file directly in a folder of a warehouse. It belongs to the owner of the folder. */
export const warehouseFile = z
  .object({ name: z.string(), location: z.string(), sizeBytes: count, modifiedAtMs: instantMs.nullable() })
  .register(contractSchemas, { id: 'WarehouseFile' })
export type WarehouseFile = z.output<typeof warehouseFile>

export const listWarehouse = endpoint({
  summary:
    'Lists the content of a folder of the warehouse of a catalog, a page at a time, and the owner of each folder',
  description:
    'Only for the catalog of Lakeshore itself; fails with `not-supported` for others. Owners are tables and views of any catalog in the same database. Fails with `not-found` for a folder that does not exist. An unowned folder may be left from a dropped table, or belong to a table that another program moved there since its last commit through Lakeshore. `listObjects` lists the files of a table that no snapshot references.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/warehouse',
  permission: 'console:admin',
  input: catalogInput.extend({
    /** Location of a folder of the warehouse, or its path from there (`demo/flights`); the warehouse itself by default. */
    folder: location.optional(),
    /** Lists only entries whose names contain it, without case and accents. */
    search: z.string().max(1000).optional(),
    pageToken: z.string().min(1).max(MAX_URL_TEXT_CHARS).optional(),
  }),
  output: z.object({
    /** Location of the warehouse. */
    warehouse: z.string(),
    /** Location of the listed folder. */
    folder: z.string(),
    ...ownership,
    folders: z.array(warehouseFolder).max(500),
    files: z.array(warehouseFile).max(500),
    /** Entries of the folder that were looked through for this page. A search continues with `nextPageToken`. */
    searchedCount: count,
    nextPageToken: z.string().nullable(),
  }),
})
export type WarehousePage = z.output<typeof listWarehouse.output>
