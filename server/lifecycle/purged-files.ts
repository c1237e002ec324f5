import 'server-only'
import { MAX_LISTED_PURGED_FILES, type PurgedFiles } from '@/lib/contract/lifecycle/tables'
import { isSameTable, type TableIdentifier } from '@/lib/names/identifiers'
import { tableFolders } from '@/server/catalog/folders/table-folders'
import { FILE_KINDS, type FileOfTable, listFilesByKind, OwnFolders } from '@/server/maintenance/files-of-table'
import type { Services } from '@/server/services'
import { rootLength } from '@/server/locations/location-gate'
import { clock } from '@/server/timing/clock'
import type { LifecycleContext } from './lifecycle-context'

/** The number of files that a page waits for. */
const MAX_FILES = 100_000
const MAX_MS = 10_000
/** Tables have at most 100 by default (`write.metadata.previous-versions-max`). */
const MAX_EARLIER_METADATA = 100

/**
 * The files that a drop with purge removes now, by the same rules as the run that removes them: those of every
 * snapshot, also of expired ones that earlier metadata files name, in the table's own folders. Another catalog has other
 * rules, so the list has every file that the metadata names, wherever it is: Iceberg’s own implementation removes all of
 * these.
 */
export async function listPurgedFiles(
  { catalogs }: Pick<Services, 'catalogs'>,
  identifier: TableIdentifier,
  { actor, signal }: Pick<LifecycleContext, 'actor' | 'signal'>,
): Promise<PurgedFiles> {
  const catalog = await catalogs.open(identifier.catalog, actor)
  const table = await catalog.loadTable(identifier, { signal })
  const { purgeSupport } = catalog
  const folders = tableFolders(table.metadata)
  const own =
    purgeSupport &&
    new OwnFolders(
      folders,
      (folder) => purgeSupport.findOwners(folder),
      (owners) => owners.some((owner) => !isSameTable(owner, identifier)),
    )
  const endsAtMs = clock.elapsedMs() + MAX_MS
  const seen = new Set([table.metadataLocation])
  const missing = new Set<string>()
  const counts = new Map(FILE_KINDS.map((kind) => [kind, { kind, fileCount: 0, sizeBytes: 0, hasSizes: true }]))
  const files: PurgedFiles['files'] = []
  let [retainedFileCount, outsideFileCount, isTruncated] = [0, 0, false]
  const add = ({ kind, location, sizeBytes }: FileOfTable) => {
    const count = counts.get(kind)
    if (count === undefined) return
    count.fileCount += 1
    count.sizeBytes += sizeBytes ?? 0
    count.hasSizes &&= sizeBytes !== null
    if (rootLength(location, folders) === null) outsideFileCount += 1
    if (files.length < MAX_LISTED_PURGED_FILES) files.push({ kind, location, sizeBytes })
  }
  /** Returns true when the list has to end. */
  const checkLimits = (): boolean => {
    const isOver = seen.size > MAX_FILES || clock.elapsedMs() > endsAtMs
    isTruncated ||= isOver
    return isOver
  }
  const options = {
    signal,
    onMissing: (location: string) => missing.add(location),
    ...(purgeSupport && { loadEarlier: purgeSupport.load, maxEarlier: MAX_EARLIER_METADATA }),
    // Files of expired snapshots are often missing, and then the list has no file at which to end.
    continuesEarlier: () => !checkLimits(),
  }
  for (const list of listFilesByKind(table, options)) {
    for await (const file of list) {
      if (checkLimits()) break
      if (seen.has(file.location)) continue
      seen.add(file.location)
      if (own === undefined || (await own.has(file.location))) add(file)
      else retainedFileCount += 1
    }
  }
  if (purgeSupport && table.metadata.metadataLog.length > MAX_EARLIER_METADATA) isTruncated = true
  add({ kind: 'metadata', location: table.metadataLocation, sizeBytes: null })
  return {
    kinds: [...counts.values()].map(({ hasSizes, sizeBytes, ...count }) => ({
      ...count,
      sizeBytes: hasSizes ? sizeBytes : null,
    })),
    files,
    retainedFileCount,
    outsideFileCount,
    missingCount: missing.size,
    isTruncated,
    isCatalogPurge: purgeSupport === undefined,
  }
}
