import 'server-only'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { readEarlierMetadata } from '@/server/catalog/read-earlier-metadata'
import { tableFolders } from '@/server/catalog/folders/table-folders'
import type { Run } from '@/server/db/jobs/runs'
import type { Services } from '@/server/services'
import { listOpenRemovals, removalSpec } from '@/server/table/expiry/queued-removals'
import { nullIfNotFound } from '@/server/catalog/null-if-not-found'

type FindServices = Pick<Services, 'database' | 'metadataFiles'>

/** A table, the metadata from before an expiry, and the snapshots that it removed and that did not come back. */
export type ExpiredTable = { table: LoadedTable; earlier: TableMetadata; snapshots: readonly Snapshot[] }

const GONE = {
  table: { reason: 'The table is no longer in the catalog under this name.' },
  metadata: { reason: 'The metadata file from before the expiry is gone, so its files are unknown.' },
}

export async function findExpiredTable(
  { metadataFiles }: FindServices,
  catalog: CatalogClient,
  run: Run,
  signal: AbortSignal,
): Promise<ExpiredTable | { reason: string }> {
  const spec = removalSpec.parse(run.spec)
  const table = await findTable(catalog, run, signal)
  if (table === null || table.metadata.tableUuid !== spec.tableUuid) return GONE.table
  const earlier = await readEarlierMetadata(metadataFiles, table, spec.beforeLocation, signal)
  if (earlier === null) return GONE.metadata
  return {
    table,
    earlier,
    snapshots: await removedSnapshots(metadataFiles, table, earlier, spec.afterLocation, signal),
  }
}

/** The snapshots of other expiries of the table whose files have to wait, because their users may undo them. */
export async function pendingSnapshots(
  { database, metadataFiles }: FindServices,
  run: Pick<Run, 'id'>,
  table: LoadedTable,
  signal: AbortSignal,
): Promise<{ metadata: TableMetadata; snapshots: readonly Snapshot[] }[]> {
  const open = await listOpenRemovals(database, table.metadata.tableUuid)
  const found = []
  for (const other of open) {
    if (other.id === run.id) continue
    const { beforeLocation, afterLocation } = removalSpec.parse(other.spec)
    const metadata = await readEarlierMetadata(metadataFiles, table, beforeLocation, signal)
    // Without that file the expiry cannot be undone.
    if (metadata === null) continue
    found.push({ metadata, snapshots: await removedSnapshots(metadataFiles, table, metadata, afterLocation, signal) })
  }
  return found
}

/** The embedded catalog finds it by its folder, under whatever name it has now. */
async function findTable(catalog: CatalogClient, run: Run, signal: AbortSignal): Promise<LoadedTable | null> {
  const { beforeLocation, tableUuid } = removalSpec.parse(run.spec)
  const { table } = run
  const named = table && (await nullIfNotFound(() => catalog.loadTable(table, { signal })))
  if (named?.metadata.tableUuid === tableUuid || !catalog.purgeSupport) return named
  const earlier = await catalog.purgeSupport.load(beforeLocation, { signal })
  if (earlier === null) return null
  const tables = await catalog.purgeSupport.loadTablesWithin(tableFolders(earlier.metadata), { signal })
  return tables.find(({ metadata }) => metadata.tableUuid === tableUuid) ?? null
}

async function removedSnapshots(
  metadataFiles: Services['metadataFiles'],
  table: LoadedTable,
  earlier: TableMetadata,
  afterLocation: string | null,
  signal: AbortSignal,
): Promise<Snapshot[]> {
  const after = afterLocation === null ? null : await readEarlierMetadata(metadataFiles, table, afterLocation, signal)
  const known = new Set([...table.metadata.snapshots, ...(after?.snapshots ?? [])].map(({ snapshotId }) => snapshotId))
  return earlier.snapshots.filter(({ snapshotId }) => !known.has(snapshotId))
}
