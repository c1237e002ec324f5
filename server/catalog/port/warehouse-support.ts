import 'server-only'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { ObjectStore } from '@/server/storage/object-store'

/** The table or view that owns a folder. */
export type FolderOwner = { identifier: TableIdentifier; kind: 'table' | 'view' }

/** The table or view that owns a folder, if any, and whether tables or views own folders in it. */
export type FolderOwnership = { owner: FolderOwner | null; hasOwnersBelow: boolean }

/** The catalog's half of an operator's view of the whole warehouse. */
export type WarehouseSupport = {
  /** Its gate admits the warehouse, without the folder of Lakeshore itself. */
  store: ObjectStore
  /**
   * The ownership of each of these folders, in their order. Costs a few index lookups per folder, however many tables there
   * are. The folder of the warehouse and those around it have no owner.
   */
  readOwnership(folders: readonly string[]): Promise<FolderOwnership[]>
}
