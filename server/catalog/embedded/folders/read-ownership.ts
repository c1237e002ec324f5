import 'server-only'
import { type OwnersByPrefix, findMetadataOwners, findRecordedOwners } from '@/server/db/catalog/folder-owners'
import { equivalentLocations, rootLength } from '@/server/locations/location-gate'
import type { FolderOwner, FolderOwnership } from '../../port/warehouse-support'
import type { EmbeddedCatalogDeps } from '../load-table'
import { normalizeFolder } from './folder-claim'

/** A metadata file may name a folder in up to eight spellings, and a statement has a limit of values. */
const FOLDERS_PER_QUERY = 500

/** As `WarehouseSupport.readOwnership`. */
export async function readOwnership(
  { database, warehouse }: Pick<EmbeddedCatalogDeps, 'database' | 'warehouse'>,
  folders: readonly string[],
): Promise<FolderOwnership[]> {
  const ownership: FolderOwnership[] = []
  for (let start = 0; start < folders.length; start += FOLDERS_PER_QUERY) {
    const part = folders.slice(start, start + FOLDERS_PER_QUERY)
    const byMetadata = await findMetadataOwners(database, [...new Set(part.flatMap(metadataPrefixes))])
    const byRecord = await findRecordedOwners(database, [...new Set(part.map(recordedPrefix))])
    for (const folder of part) {
      const lookups = [
        ...metadataPrefixes(folder).map((prefix) => ({ prefix, found: byMetadata })),
        { prefix: recordedPrefix(folder), found: byRecord },
      ]
      // The warehouse's folder and the folders around it belong to no table, whatever other writers put there.
      const isOwnable = rootLength(warehouse, [folder]) === null
      ownership.push({
        owner: (isOwnable && lookups.map(findOwner).find((owner) => owner !== null)) || null,
        hasOwnersBelow: lookups.some(({ prefix, found }) => found.withOwnersBelow.has(prefix)),
      })
    }
  }
  return ownership
}

function findOwner({ prefix, found }: { prefix: string; found: OwnersByPrefix }): FolderOwner | null {
  const owner = found.owners.get(prefix)
  return owner ? { identifier: owner.identifier, kind: owner.isView ? 'view' : 'table' } : null
}

function metadataPrefixes(folder: string): string[] {
  return equivalentLocations(folder).map((text) => `${text}/`)
}

function recordedPrefix(folder: string): string {
  return `${normalizeFolder(folder)}/`
}
