import 'server-only'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { insertRow, type RowKind, swapMetadata } from '@/server/db/catalog/table-rows'
import type { Change } from '@/server/db/database'
import type { TableLocations } from '../folders/table-folders'
import { changeRows } from './change-rows'
import { planFolderRecords, requireRegistrable } from './folders/folder-ownership'
import type { EmbeddedCatalogDeps } from './load-table'
import { requireNamespace } from './namespaces'
import { requireNameIsFree } from './new-names'

/** An existing metadata file that becomes the current one of a row. */
export type Registration = {
  identifier: TableIdentifier
  kind: RowKind
  /** The row that it replaces: its metadata file, and its folders where they can be read; null for a new row. */
  replaced: { metadataLocation: string; locations: TableLocations | null } | null
  metadata: TableLocations
  metadataLocation: string
}

/**
 * Makes a metadata file the current one of a row. Registering writes no file, so there is nothing to remove when it
 * fails.
 *
 * @throws {AppError} already-exists when another writer took the name, or when another table owns the folders or the
 *   file
 */
export async function registerMetadata(
  deps: EmbeddedCatalogDeps,
  { identifier, kind, replaced, metadata, metadataLocation }: Registration,
  alongside: readonly Change[] | undefined,
): Promise<void> {
  const claimFolders = () =>
    requireRegistrable(deps, identifier, replaced?.locations ?? null, { metadata, metadataLocation })
  const claim = await claimFolders()
  const changes = [
    replaced === null
      ? insertRow(identifier, metadataLocation, kind, claim)
      : swapMetadata(identifier, replaced.metadataLocation, metadataLocation, kind, claim),
    ...(await planFolderRecords(deps, identifier, metadata, metadataLocation)),
  ]
  await changeRows(deps.database, changes, alongside, async () => {
    await requireNamespace(deps, identifier.namespace)
    if (replaced === null) await requireNameIsFree(deps, identifier, kind)
    await claimFolders()
  })
}
