import 'server-only'
import type { z } from 'zod'
import type { listObjects } from '@/lib/contract/table/files'
import { AppError } from '@/lib/errors'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { TableServices } from '@/server/table/table-services'
import { rootLength } from '@/server/locations/location-gate'
import { cacheScope, createManifestSource } from '../files/live-files'
import { findInFolder, type FolderRequest } from './find-in-folder'

const PAGE_SIZE = 1_000
/** Properties that name folders of a table, see `docs/folders.md`. */
const FOLDER_PROPERTIES = [
  'write.data.path',
  'write.metadata.path',
  'write.object-storage.path',
  'write.folder-storage.path',
]

/**
 * One page of a folder of a table. A reader of the table may list its folders, and no others: a folder has to be inside
 * one of them, and the store's own gate checks it again.
 *
 * @throws {AppError} location-refused for a folder that is not the table's; as the store does
 */
export async function readObjectPage(
  { manifestCache, referenceCache }: Pick<TableServices, 'manifestCache' | 'referenceCache'>,
  table: LoadedTable,
  { folder, signal, ...request }: FolderRequest & { signal: AbortSignal },
): Promise<z.output<typeof listObjects.output>> {
  const { metadata, store } = table
  const roots = foldersOf(metadata)
  const listed = (folder ?? metadata.location).replace(/\/+$/, '')
  if (rootLength(listed, roots) === null) {
    throw new AppError(
      'location-refused',
      'This folder does not belong to the table. Only the folders of the table can be listed.',
      {
        facts: { location: listed },
      },
    )
  }
  const page = await findInFolder(store, listed, { ...request, limit: PAGE_SIZE, signal })
  const known = referenceCache.get(cacheScope(table), table)
  if (!known.state.isComplete) await known.readOn(createManifestSource(manifestCache, table, { store }))
  referenceCache.trim()
  const { isComplete } = known.state
  return {
    folder: listed,
    roots,
    folders: [...page.folders],
    objects: page.files.map(({ name, sizeBytes, modifiedAtMs }) => {
      const location = `${listed}/${name}`
      const reference = known.has(location) ? 'referenced' : isComplete ? 'unreferenced' : 'unknown'
      return { name, location, sizeBytes, modifiedAtMs, reference }
    }),
    searchedCount: page.searchedCount,
    nextPageToken: page.nextPageToken,
    references: known.state,
  }
}

/** The folders of a table, its location first, without those that are inside another one. */
function foldersOf({ location, properties }: Pick<TableMetadata, 'location' | 'properties'>): string[] {
  const folders = [location, ...FOLDER_PROPERTIES.flatMap((name) => properties[name] ?? [])].map((folder) =>
    folder.replace(/\/+$/, ''),
  )
  return folders.filter(
    (folder, index) =>
      folders.indexOf(folder) === index &&
      folders.every((other) => other === folder || rootLength(folder, [other]) === null),
  )
}
