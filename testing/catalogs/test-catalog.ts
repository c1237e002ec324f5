import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import type { Namespace } from '@/lib/names/identifiers'
import { grantsOfRole } from '@/lib/permissions'
import { COMMAND_LINE } from '@/server/auth/command-line'
import type { Services } from '@/server/services'
import { isInternalFile } from '@/server/storage/internal-files'
import { readLiveFiles } from '@/server/table/files/live-files'
import { readManifests } from '@/testing/catalogs/read-manifests'

export const TEST_ACTOR = { ...COMMAND_LINE, grants: grantsOfRole(COMMAND_LINE.role) }

export function openTestCatalog(services: Pick<Services, 'catalogs' | 'config'>) {
  return services.catalogs.open(services.config.catalogName, TEST_ACTOR)
}

/**
 * Files in the warehouse that do not belong to a table, a view or Lakeshore itself, and leftovers in the staging
 * folder.
 *
 * @param files in the warehouse; needed where it is in an object store
 */
export async function findStrayFiles(
  services: Pick<Services, 'catalogs' | 'config' | 'manifestCache' | 'stores'>,
  files = listFiles(services.config.warehouse.slice('file://'.length)).map((file) => `file://${file}`),
): Promise<string[]> {
  const catalog = await openTestCatalog(services)
  const { homeDir } = services.config
  const known = new Set<string>()
  for (const namespace of await catalog.listNamespaces(null)) {
    await addTableFiles(services, namespace, known)
    await addViewFiles(services, namespace, known)
  }
  return [
    ...files.filter((file) => !known.has(file) && !isInternalFile(services.config, file)),
    ...listFiles(path.join(homeDir, 'staging')),
  ]
}

async function addTableFiles(
  services: Pick<Services, 'catalogs' | 'config' | 'manifestCache' | 'stores'>,
  namespace: Namespace,
  known: Set<string>,
): Promise<void> {
  const catalog = await openTestCatalog(services)
  const readOptions = { store: services.stores.catalogStore(catalog.name) }
  for (const identifier of await catalog.listTables(namespace)) {
    const table = await catalog.loadTable(identifier)
    known.add(table.metadataLocation)
    for (const { metadataFile } of table.metadata.metadataLog) known.add(metadataFile)
    for (const snapshot of table.metadata.snapshots) {
      if (snapshot.manifestList) known.add(snapshot.manifestList)
      for (const { manifestPath } of await readManifests(services.manifestCache, table, snapshot, readOptions))
        known.add(manifestPath)
      for (const { dataFile } of await readLiveFiles(services.manifestCache, table, snapshot, readOptions))
        known.add(dataFile.filePath)
    }
  }
}

/** A view's metadata does not name the files that it replaced, so all files in its folder count as its own. */
async function addViewFiles(
  services: Pick<Services, 'catalogs' | 'config'>,
  namespace: Namespace,
  known: Set<string>,
): Promise<void> {
  const catalog = await openTestCatalog(services)
  for (const identifier of await catalog.listViews(namespace)) {
    const { location } = (await catalog.loadView(identifier)).metadata
    for (const file of listFiles(`${location.slice('file://'.length)}/metadata`)) known.add(`file://${file}`)
  }
}

function listFiles(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
}
