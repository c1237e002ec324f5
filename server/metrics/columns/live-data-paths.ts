import 'server-only'
import { readLiveEntries } from '@/lib/scan/snapshot-manifests'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { createManifestSource } from '@/server/table/files/live-files'
import type { ManifestCache } from '@/server/table/manifest-cache'
import { currentSnapshot } from '../sizes/snapshot-totals'

/**
 * Where the data files of the current snapshot are.
 *
 * @throws {AppError} file-missing, file-damaged, too-large or not-supported, naming the manifest
 */
export async function readLiveDataPaths(
  manifestCache: ManifestCache,
  table: LoadedTable,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const { metadata, store } = table
  const source = createManifestSource(manifestCache, table, { store, signal })
  const entries = await readLiveEntries({ metadata, snapshot: currentSnapshot(metadata) }, source)
  return new Set(entries.flatMap(({ dataFile }) => (dataFile.content === 'data' ? [dataFile.filePath] : [])))
}
