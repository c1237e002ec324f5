import 'server-only'
import type { RowDeletionReview } from '@/lib/contract/table/row-deletions'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/main-branch'
import { sum } from '@/lib/sum'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { Services } from '@/server/services'
import { createManifestSource } from '@/server/table/files/live-files'
import { readDeleteFilter } from '@/server/table-writes/rows/delete-filter'
import { type FilteredFiles, readFilteredFiles } from '@/server/table-writes/rows/filtered-files'
import type { LiveDataFile } from '@/server/table-writes/rows/live-data-files'
import { readWriteMode } from '@/server/table-writes/rows/write-mode'
import { clock } from '@/server/timing/clock'
import { requireDeletionBranch } from './deletion-branch'

const TIME_BUDGET_MS = 5_000

type Requested = { where: string; branch: string | null }

/**
 * Counts the rows that a deletion would remove, as far as they are found in a short time. Changes nothing.
 *
 * @throws {AppError} invalid-request for the filter, not-found for the branch, and as reading the table
 */
export async function readDeletionReview(
  { manifestCache }: Pick<Services, 'manifestCache'>,
  table: LoadedTable,
  { where, branch: requestedBranch }: Requested,
  signal: AbortSignal,
): Promise<RowDeletionReview> {
  const { metadata, store } = table
  requireDeletionBranch(metadata, requestedBranch)
  const branch = requestedBranch ?? MAIN_BRANCH
  const { predicate, text } = readDeleteFilter(where, metadata)
  const timeout = clock.deadline(TIME_BUDGET_MS)
  // Manifests are read in any case: without them, nothing is known.
  const source = { ...createManifestSource(manifestCache, table, { store, signal }), signal }
  const found = await readFilteredFiles(table, { branch, predicate, text }, source)
  return {
    where: text,
    branch,
    snapshotId: found.startingSnapshotId,
    mode: readWriteMode(metadata, ['write.delete.mode']),
    deleteFormat: metadata.formatVersion >= 3 ? 'deletion-vectors' : 'position-deletes',
    wholeFileCount: found.whole.length,
    wholeFileBytes: bytesOf(found.whole),
    candidateFileCount: found.candidates.length,
    ...(await countRows(found, { signal, timeout })),
  }
}

type Counts = Pick<
  RowDeletionReview,
  'wholeRowCount' | 'readFileCount' | 'matchingFileCount' | 'matchingFileBytes' | 'matchingRowCount' | 'isComplete'
>

async function countRows(
  { live, whole, candidates, predicate }: FilteredFiles,
  { signal, timeout }: { signal: AbortSignal; timeout: AbortSignal },
): Promise<Counts> {
  let wholeRowCount = 0
  let readFileCount = 0
  let matchingRowCount = 0
  const matching: LiveDataFile[] = []
  const isOver = () => {
    signal.throwIfAborted()
    return timeout.aborted
  }
  let countedFiles = 0
  for (const file of whole) {
    if (isOver()) break
    wholeRowCount += await live.countLive(file)
    countedFiles += 1
  }
  for (const file of candidates) {
    if (isOver()) break
    const { matches } = await live.findMatches(file, predicate)
    readFileCount += 1
    matchingRowCount += matches.count
    if (matches.count > 0) matching.push(file)
  }
  return {
    wholeRowCount,
    readFileCount,
    matchingFileCount: matching.length,
    matchingFileBytes: bytesOf(matching),
    matchingRowCount,
    isComplete: countedFiles === whole.length && readFileCount === candidates.length,
  }
}

function bytesOf(files: readonly LiveDataFile[]): number {
  return sum(files.map(({ file }) => file.fileSizeBytes))
}
