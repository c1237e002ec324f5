import 'server-only'
import path from 'node:path'
import { ulid } from 'ulid'
import type { LakeServices } from '@/server/catalog/lake-services'
import { internalFolder } from '@/server/storage/internal-files'
import { toFileLocation } from './ingest-spec'

/**
 * Moves a file of this machine, if it may be moved, to a location that any worker can read. It stays in place unless
 * workers run on other machines.
 *
 * @returns its location, and a function that removes it if it was moved
 */
export async function publishInput(
  services: Pick<LakeServices, 'config' | 'stores'>,
  file: string,
): Promise<{ location: string; discard: () => Promise<void> }> {
  if (services.config.hasSharedFiles) return { location: toFileLocation(file), discard: async () => {} }
  const store = services.stores.warehouseStore()
  const location = `${internalFolder(services.config)}/inputs/${ulid()}/${path.basename(file)}`
  await store.importFile(file, location)
  return { location, discard: () => store.remove(location) }
}
