import 'server-only'
import pMap from 'p-map'
import { AppError } from '@/lib/errors'
import type { Namespace, TableIdentifier } from '@/lib/iceberg/identifiers'
import type { CatalogClient, LoadedTable } from '@/server/catalog/catalog-client'
import { tableFolders } from '@/server/catalog/table-folders'
import { rootLength } from '@/server/storage/location-gate'

/** Beyond this, nobody reads every table of a catalog to remove files of one. */
const MAX_TABLES = 20_000
const CONCURRENCY = 4

/**
 * Every table of a catalog that has a folder in common with these, or within or around one of them. A catalog that is
 * not ours is read whole, because only it knows where its tables are.
 *
 * @throws {AppError} too-large for a catalog with too many tables, and what reading any of its tables throws: files must
 *   not be removed while nobody knows whether another table uses them
 */
export async function loadSharingTables(
  catalog: CatalogClient,
  folders: readonly string[],
  signal: AbortSignal,
): Promise<LoadedTable[]> {
  if (catalog.purgeSupport) return catalog.purgeSupport.loadTablesWithin(folders, { signal })
  const identifiers = await listAllTables(catalog, signal)
  const found = await pMap(
    identifiers,
    async (identifier) => {
      const table = await loadIfThere(catalog, identifier, signal)
      // The others are not held in memory.
      return table !== null && sharesFolder(tableFolders(table.metadata), folders) ? [table] : []
    },
    { concurrency: CONCURRENCY },
  )
  return found.flat()
}

function sharesFolder(some: readonly string[], others: readonly string[]): boolean {
  return some.some(
    (folder) => rootLength(folder, others) !== null || others.some((other) => rootLength(other, [folder]) !== null),
  )
}

async function listAllTables(catalog: CatalogClient, signal: AbortSignal): Promise<TableIdentifier[]> {
  const tables: TableIdentifier[] = []
  const open: (Namespace | null)[] = [null]
  while (open.length > 0) {
    signal.throwIfAborted()
    const namespace = open.pop() ?? null
    if (namespace !== null) tables.push(...(await catalog.listTables(namespace, { signal })))
    open.push(...(await listChildren(catalog, namespace, signal)))
    if (tables.length > MAX_TABLES || open.length > MAX_TABLES) {
      throw new AppError(
        'too-large',
        `${catalog.name} has more than ${MAX_TABLES} tables, so it is not known whether another one uses these files. No file was removed.`,
        { facts: { maxTables: MAX_TABLES } },
      )
    }
  }
  return tables
}

async function listChildren(
  catalog: CatalogClient,
  namespace: Namespace | null,
  signal: AbortSignal,
): Promise<Namespace[]> {
  return catalog.listNamespaces(namespace, {
    signal,
    onUnaddressable: ([first]) => {
      throw new AppError(
        'not-supported',
        `${catalog.name} has a namespace that no request can address (${JSON.stringify(first)}), so it is not known whether a table in it uses these files. No file was removed.`,
      )
    },
  })
}

/** Null for a table that was dropped or renamed since it was listed. */
export async function loadIfThere(
  catalog: CatalogClient,
  identifier: TableIdentifier,
  signal: AbortSignal,
): Promise<LoadedTable | null> {
  try {
    return await catalog.loadTable(identifier, { signal })
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-found') return null
    throw error
  }
}
