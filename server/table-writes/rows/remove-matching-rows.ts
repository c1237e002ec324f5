import 'server-only'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import type { IsolationLevel } from '@/lib/iceberg/operations/conflicts'
import type { SnapshotOperation } from '@/lib/iceberg/operations/operation'
import { overwriteOperation } from '@/lib/iceberg/operations/overwrite'
import { rowDeltaOperation } from '@/lib/iceberg/operations/row-delta'
import type { FilteredFiles } from './filtered-files'
import type { LiveDataFile } from './live-data-files'
import { type RemovedRows, RowRemoval, type RowRemovalOptions, soleDeletes } from './row-removal'
import type { WriteMode } from './write-mode'

/** The removal of the rows that match a filter, before it is committed. */
export type MatchingRowsRemoval = {
  /** Data files without rows that are left, with the deletes that apply to them alone. */
  emptied: readonly DataFile[]
  /** Delete files, or rewritten data files, of the others. */
  removed: RemovedRows
  counts: RemovalCounts
}

export type RemovalCounts = {
  rowsDeleted: number
  /** Data files that are removed, those without a live row included. */
  filesRemoved: number
  /** Data files that retain other rows. */
  filesChanged: number
  filesRead: number
}

/**
 * Removes the rows that match: data files of which every row matches as a whole, and of the others the rows that are
 * found. Only the columns of the filter are read to find them.
 *
 * @param options.onRead is called with each file that was read
 * @throws {AppError} what reading the files, their deletes and the store throw
 */
export async function removeMatchingRows(
  { live, whole, candidates, predicate }: FilteredFiles,
  { onRead, ...options }: Omit<RowRemovalOptions, 'live'> & { onRead: (file: LiveDataFile) => void },
): Promise<MatchingRowsRemoval> {
  const removal = await RowRemoval.begin(candidates, { ...options, live })
  const emptied = [...whole]
  let rowsDeleted = 0
  let filesChanged = 0
  for (const file of whole) rowsDeleted += await live.countLive(file)
  for (const file of candidates) {
    options.signal.throwIfAborted()
    const { matches, liveRowCount } = await live.findMatches(file, predicate)
    rowsDeleted += matches.count
    if (matches.count > 0 && matches.count === liveRowCount) emptied.push(file)
    else if (matches.count > 0) {
      await removal.remove(file, matches)
      filesChanged += 1
    }
    onRead(file)
  }
  return {
    emptied: emptied.flatMap(({ entry: { dataFile }, byPosition }) => [dataFile, ...soleDeletes(dataFile, byPosition)]),
    removed: removal.result,
    counts: { rowsDeleted, filesRemoved: emptied.length, filesChanged, filesRead: candidates.length },
  }
}

/**
 * One snapshot that removes the rows, and adds others.
 *
 * As the reference implementation's `DELETE` and `INSERT OVERWRITE` by a filter: `BaseRowDelta` if delete files are
 * written, otherwise `BaseOverwriteFiles`. Rows that match and that another writer adds are a conflict if the isolation
 * level is `serializable`; rows that it deletes are not, unless their files are written again.
 *
 * @returns null when there is nothing to commit
 */
export function matchingRowsOperation(
  { filter, startingSnapshotId }: FilteredFiles,
  { emptied, removed }: Pick<MatchingRowsRemoval, 'emptied' | 'removed'>,
  {
    added,
    mode,
    isolation,
    summary,
  }: {
    added: readonly DataFile[]
    mode: WriteMode
    isolation: IsolationLevel
    summary: Readonly<Record<string, string>>
  },
): SnapshotOperation | null {
  const files = { added: [...added, ...removed.added], removed: [...emptied, ...removed.removed] }
  if (files.added.length === 0 && files.removed.length === 0) return null
  if (mode === 'copy-on-write' || removed.added.length === 0)
    return overwriteOperation({
      ...files,
      copiesRows: true,
      validation: { startingSnapshotId, isolation, conflictFilter: filter },
      summary,
    })
  return rowDeltaOperation({
    ...files,
    referencedDataFiles: removed.referencedDataFiles,
    startingSnapshotId,
    isolation,
    command: 'delete',
    conflictFilter: filter,
    summary,
  })
}
