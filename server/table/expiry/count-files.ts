import 'server-only'
import type { ExpiryFiles, ExpiryFigures } from '@/lib/contract/table/expiry'
import { type FileTotals, NO_FILES, sumByGroup } from '@/lib/changes/impact/expiry-impact'
import { type ReachedFile, reachedFiles } from '@/lib/changes/impact/reached-files'
import type { Snapshot } from '@/lib/iceberg/metadata/table-metadata'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { isOwnFile } from '@/server/catalog/folders/is-own-file'
import { tableFolders } from '@/server/catalog/folders/table-folders'
import type { FirstFiles, ListedFile } from './first-files'
import { normalizeLocation, snapshotGroup, type WalkOptions } from './walk-files'

const GROUPS = ['main', 'others', 'removed'] as const
type Group = (typeof GROUPS)[number]

/** The group of each snapshot that stays or expires. */
export type GroupOf = (snapshotId: string) => Group

type CountOptions = Omit<WalkOptions, 'onList'> & {
  /** Folders of other tables; null when only the removal finds them. */
  otherFolders: readonly string[] | null
  /** Called after each manifest list; a table has one for each snapshot. */
  onProgress?: (readCount: number) => void
  /** Receives the files that would be removed. */
  listing?: FirstFiles
}

/**
 * Counts every file of a table once, for the first group that reaches it. The last group has exactly the files that
 * would be removed, except those outside the table's own folders or in folders of other tables, which are counted as
 * `retained`, too.
 *
 * @throws {AppError} too-large beyond ten million files; file-missing, file-damaged for a manifest that cannot be read
 */
export async function countExpiryFiles(
  table: Pick<LoadedTable, 'metadata' | 'store'>,
  groupOf: GroupOf,
  { onProgress, otherFolders, listing, ...options }: CountOptions,
): Promise<ExpiryFiles> {
  const listBytes: Record<Group, number> = { main: 0, others: 0, removed: 0 }
  const stays = { fileCount: 0, sizeBytes: 0 }
  const nested = { fileCount: 0, sizeBytes: 0 }
  const folders = tableFolders(table.metadata)
  const isWithin = (location: string) => isOwnFile(location, { store: table.store, folders, otherFolders: [] })
  const isOwn = (location: string) =>
    isOwnFile(location, { store: table.store, folders, otherFolders: otherFolders ?? [] })
  const leave = (location: string, { files, sizeBytes }: { files: number; sizeBytes: number }): void => {
    if (isOwn(location)) return
    for (const sums of isWithin(location) ? [stays, nested] : [stays]) {
      sums.fileCount += files
      sums.sizeBytes += sizeBytes
    }
  }
  let readCount = 0
  const groups = GROUPS.map((name) => {
    const snapshots = table.metadata.snapshots.filter(({ snapshotId }) => groupOf(snapshotId) === name)
    const onList = (sizeBytes: number, { manifestList }: Snapshot): void => {
      listBytes[name] += sizeBytes
      // No metadata has the size of a manifest list.
      if (name === 'removed' && manifestList !== null) {
        leave(manifestList, { files: 0, sizeBytes })
        listing?.setSize(manifestList, sizeBytes)
      }
      readCount += 1
      onProgress?.(readCount)
    }
    return snapshotGroup(name, table, snapshots, { ...options, onList })
  })
  async function* withStays(): AsyncGenerator<ReachedFile<Group>> {
    for await (const file of reachedFiles(groups, normalizeLocation)) {
      if (file.group === 'removed') {
        leave(file.location, { files: 1, sizeBytes: file.sizeBytes ?? 0 })
        if (listing && isOwn(file.location)) listing.add(toListed(file))
      }
      yield file
    }
  }
  const totals = await sumByGroup(withStays())
  const figures = (name: Group): ExpiryFigures =>
    toFigures(totals.get(name) ?? new Map(), {
      snapshots: groups.find((group) => group.name === name)?.snapshots.length ?? 0,
      listBytes: listBytes[name],
    })
  return {
    main: figures('main'),
    others: figures('others'),
    removed: figures('removed'),
    retained: stays,
    nested: otherFolders && nested,
  }
}

function toListed({ kind, content, location, sizeBytes }: ReachedFile<Group>): ListedFile {
  if (kind !== 'data' && kind !== 'deletes') return { kind, location, sizeBytes }
  return { kind: content ?? 'data', location, sizeBytes }
}

function toFigures(
  totals: ReadonlyMap<ReachedFile<Group>['kind'], FileTotals>,
  { snapshots, listBytes }: { snapshots: number; listBytes: number },
): ExpiryFigures {
  const of = (kind: ReachedFile<Group>['kind']): FileTotals => totals.get(kind) ?? NO_FILES
  const [data, deletes, manifests, lists, statistics] = [
    of('data'),
    of('deletes'),
    of('manifest'),
    of('manifest-list'),
    of('statistics'),
  ]
  return {
    snapshots,
    manifestLists: lists.fileCount,
    manifests: manifests.fileCount,
    dataFiles: data.fileCount,
    deleteFiles: deletes.fileCount,
    statisticsFiles: statistics.fileCount,
    dataBytes: Number(data.sizeBytes + deletes.sizeBytes),
    metadataBytes: Number(manifests.sizeBytes + statistics.sizeBytes) + listBytes,
    // The bytes of manifest lists were counted when they were read.
    unsizedFiles: data.unsizedCount + deletes.unsizedCount + manifests.unsizedCount + statistics.unsizedCount,
  }
}
