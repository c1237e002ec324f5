import 'server-only'
import { AppError, type ErrorCode } from '@/lib/errors'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { namespaceEntries, tableEntries, viewEntries } from '@/lib/search/found-entries'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { UnexpectedChanges } from '@/server/db/database'
import {
  type IndexedObject,
  removeIndexedObject,
  saveIndexedObject,
  type TableSize,
} from '@/server/db/search/indexed-objects'
import type { PendingObject } from '@/server/db/search/pending-objects'
import type { Services } from '@/server/services'
import { snapshotFigures } from '@/server/table/summary-counts'
import { recentDataFiles } from './recent-data-files'

/** An object whose metadata cannot be read for one of these reasons is found by its name. */
const UNREADABLE: ReadonlySet<ErrorCode> = new Set([
  'file-missing',
  'file-damaged',
  'location-refused',
  'too-large',
  'forbidden',
  'not-supported',
])
/** Objects that the index's reader cannot read are not in it. */
const GONE: ReadonlySet<ErrorCode> = new Set(['not-found', 'credentials-required'])

type IndexServices = Pick<Services, 'catalogs' | 'database'>

/** The result for a requested object; `overtaken`: it has changed again, or another worker has indexed it. */
export type IndexOutcome = 'indexed' | 'removed' | 'overtaken'

/**
 * Reads the current object and writes its entries, or removes it from the index.
 *
 * @throws {AppError} what reading it throws, if a later attempt may succeed
 */
export async function indexObject(
  services: IndexServices,
  pending: PendingObject,
  signal: AbortSignal,
): Promise<IndexOutcome> {
  try {
    const object = await readObject(services, pending, signal)
    if (object === null) await removeIndexedObject(services.database, pending)
    else await saveIndexedObject(services.database, pending, object)
    return object === null ? 'removed' : 'indexed'
  } catch (error) {
    if (error instanceof UnexpectedChanges) return 'overtaken'
    throw error
  }
}

/** Null if it was removed. */
async function readObject(
  { catalogs }: IndexServices,
  { catalog: catalogName, namespace, name }: PendingObject,
  signal: AbortSignal,
): Promise<IndexedObject | null> {
  const catalog = await orNull(catalogs.openForSearch(catalogName))
  if (catalog === null) return null
  if (name === null) {
    const loaded = await orNull(catalog.loadNamespace(namespace, { signal }))
    if (loaded === null) return null
    return { kind: 'namespace', metadataLocation: null, changedAtMs: null, ...namespaceEntries(loaded.properties) }
  }
  const identifier = { catalog: catalogName, namespace }
  return (
    (await readOrName('table', async () => {
      const table = await catalog.loadTable({ ...identifier, table: name }, { signal })
      const { metadata, metadataLocation } = table
      const { entries, isTruncated } = tableEntries(metadata, metadataLocation)
      const files = await recentDataFiles(table, signal)
      return {
        metadataLocation,
        changedAtMs: metadata.lastUpdatedMs,
        entries: [...entries, ...files],
        isTruncated,
        size: readSize(metadata),
      }
    })) ?? (await readView(catalog, { ...identifier, view: name }, signal))
  )
}

/** Unknown when the writer of the snapshot left it out, or wrote something else. */
function readSize({ snapshots, currentSnapshotId }: TableMetadata): TableSize {
  const current = snapshots.find(({ snapshotId }) => snapshotId === currentSnapshotId) ?? null
  try {
    const { liveBytes, dataFileCount } = snapshotFigures(current)
    return { liveBytes, dataFileCount }
  } catch (error) {
    if (error instanceof AppError && error.code === 'file-damaged') return { liveBytes: null, dataFileCount: null }
    throw error
  }
}

function readView(catalog: CatalogClient, view: Parameters<CatalogClient['loadView']>[0], signal: AbortSignal) {
  return readOrName('view', async () => {
    const { metadata, metadataLocation } = await catalog.loadView(view, { signal })
    const changedAtMs = Math.max(...metadata.versionLog.map(({ timestampMs }) => timestampMs))
    return {
      metadataLocation,
      changedAtMs: Number.isFinite(changedAtMs) ? changedAtMs : null,
      ...viewEntries(metadata),
    }
  })
}

async function readOrName(
  kind: 'table' | 'view',
  read: () => Promise<Omit<IndexedObject, 'kind'>>,
): Promise<IndexedObject | null> {
  try {
    return { kind, ...(await read()) }
  } catch (error) {
    if (error instanceof AppError && GONE.has(error.code)) return null
    if (!(error instanceof AppError && UNREADABLE.has(error.code))) throw error
    return { kind, metadataLocation: null, changedAtMs: null, entries: [], isTruncated: true }
  }
}

async function orNull<Result>(reading: Promise<Result>): Promise<Result | null> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof AppError && GONE.has(error.code)) return null
    throw error
  }
}
