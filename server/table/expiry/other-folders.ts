import 'server-only'
import { AppError } from '@/lib/errors'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { tableFolders } from '@/server/catalog/folders/table-folders'

/**
 * The folders of other tables that are inside a table's folder, whose content a removal leaves alone. Null in a catalog
 * of another server, which would have to be read whole.
 *
 * @throws {AppError} if the removal could not find them either; without names of tables, which the user may not see
 */
export async function findOtherFolders(
  { purgeSupport }: Pick<CatalogClient, 'purgeSupport'>,
  { metadata }: Pick<LoadedTable, 'metadata'>,
  signal: AbortSignal,
): Promise<string[] | null> {
  if (!purgeSupport) return null
  const sharing = await loadSharing(purgeSupport, metadata, signal)
  const others = sharing.filter((one) => one.metadata.tableUuid !== metadata.tableUuid)
  return others.flatMap((one) => tableFolders(one.metadata))
}

async function loadSharing(
  purgeSupport: NonNullable<CatalogClient['purgeSupport']>,
  metadata: LoadedTable['metadata'],
  signal: AbortSignal,
): Promise<LoadedTable[]> {
  try {
    return await purgeSupport.loadTablesWithin(tableFolders(metadata), { signal })
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof AppError) || error.code === 'too-large') throw error
    throw new AppError(
      error.code,
      'Another table that shares the folder cannot be read, so it is not known which files it uses.',
      { cause: error },
    )
  }
}
