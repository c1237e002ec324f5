import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import type { Namespace } from '@/lib/iceberg/identifiers'
import { grantsOfRole } from '@/lib/permissions'
import { COMMAND_LINE } from '@/server/auth/command-line'
import type { Services } from '@/server/services'
import { isOwnFile } from '@/server/storage/own-files'
import { liveFiles, readManifests } from '@/server/table/inspect'

export const TEST_ACTOR = { ...COMMAND_LINE, grants: grantsOfRole(COMMAND_LINE.role) }

export function openTestCatalog(services: Pick<Services, 'catalogs' | 'config'>) {
  return services.catalogs.open(services.config.catalogName, TEST_ACTOR)
}

/**
 * Files below the warehouse that no table's metadata speaks of and that are neither a view's nor Lakeshore's own, and
 * what is left in the staging folder.
 */
export async function strays(
  services: Pick<Services, 'catalogs' | 'config' | 'manifestCache' | 'stores'>,
): Promise<string[]> {
  const catalog = await openTestCatalog(services)
  const { warehouse, homeDir } = services.config
  const known = new Set<string>()
  for (const namespace of await catalog.listNamespaces(null)) {
    await addKnown(services, namespace, known)
    await addKnownOfViews(services, namespace, known)
  }
  const files = filesBelow(warehouse.slice('file://'.length)).map((file) => `file://${file}`)
  return [
    ...files.filter((file) => !known.has(file) && !isOwnFile(services.config, file)),
    ...filesBelow(path.join(homeDir, 'staging')),
  ]
}

async function addKnown(
  services: Pick<Services, 'catalogs' | 'config' | 'manifestCache' | 'stores'>,
  namespace: Namespace,
  known: Set<string>,
): Promise<void> {
  const catalog = await openTestCatalog(services)
  const reading = { store: services.stores.ofCatalog(catalog.name) }
  for (const ref of await catalog.listTables(namespace)) {
    const table = await catalog.loadTable(ref)
    known.add(table.metadataLocation)
    for (const { metadataFile } of table.metadata.metadataLog) known.add(metadataFile)
    for (const snapshot of table.metadata.snapshots) {
      if (snapshot.manifestList) known.add(snapshot.manifestList)
      for (const { manifestPath } of await readManifests(services.manifestCache, table, snapshot, reading))
        known.add(manifestPath)
      for (const { dataFile } of await liveFiles(services.manifestCache, table, snapshot, reading))
        known.add(dataFile.filePath)
    }
  }
}

/** A view's metadata does not name the files it took the place of: all in its folder are its own. */
async function addKnownOfViews(
  services: Pick<Services, 'catalogs' | 'config'>,
  namespace: Namespace,
  known: Set<string>,
): Promise<void> {
  const catalog = await openTestCatalog(services)
  for (const ref of await catalog.listViews(namespace)) {
    const { location } = (await catalog.loadView(ref)).metadata
    for (const file of filesBelow(`${location.slice('file://'.length)}/metadata`)) known.add(`file://${file}`)
  }
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
}
