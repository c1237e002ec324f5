import 'server-only'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/metadata-json'
import { readChanges } from '@/lib/iceberg/operations/cherry-pick'
import { countLiveDataFiles, findLiveDataFile } from '@/lib/iceberg/operations/live-data-file'
import type { CandidatePick, PublicationCandidate } from '@/lib/iceberg/operations/publication-candidates'
import { branchTip } from '@/lib/iceberg/operations/snapshot-producer'
import { mapUnlessAborted } from '@/lib/scan/snapshot-manifests'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { createCachedSnapshotReader } from '../commit/cached-snapshot-reader'
import { snapshotById } from '../commit/snapshot-files'
import type { ManifestCache } from '../manifest-cache'

/** The most data files of `main` that a list checks; the review of a cherry-pick checks any number. */
const MAX_FILES = 20_000
/** Snapshots of one branch whose files are checked. */
const MAX_LOOKS = 5

/**
 * The oldest snapshot to pick of each candidate from which `main` has diverged, without snapshots whose data files
 * `main` already has, under any id; null without one. Reads manifests only if there are such candidates.
 */
export async function findNextPicks(
  manifestCache: ManifestCache,
  table: LoadedTable,
  candidates: readonly PublicationCandidate[],
  signal?: AbortSignal,
): Promise<(CandidatePick | null)[]> {
  const { metadata } = table
  const main = branchTip(metadata, MAIN_BRANCH)
  const isDiverged = ({ isFastForward, picks }: PublicationCandidate) =>
    !isFastForward && picks.some(({ refusal }) => refusal === null)
  if (main === null || !candidates.some(isDiverged)) return candidates.map(({ picks: [first = null] }) => first)
  const reader = createCachedSnapshotReader(manifestCache, table, signal)
  const manifests = await reader.readManifests(metadata, main)
  const fileCount = countLiveDataFiles(manifests)
  const isChecked = fileCount !== null && fileCount <= MAX_FILES
  const isOnMain = async (snapshotId: string) => {
    const { added } = await readChanges(metadata, snapshotById(metadata, snapshotId), reader)
    const filePaths = new Set(added.map(({ filePath }) => filePath))
    return (await findLiveDataFile({ metadata, reader }, manifests, filePaths)) !== null
  }
  return mapUnlessAborted(candidates, signal, async (candidate) => {
    const { picks } = candidate
    if (!isChecked || !isDiverged(candidate)) return picks[0] ?? null
    for (const pick of picks.slice(0, MAX_LOOKS)) {
      if (pick.refusal !== null || !(await isOnMain(pick.snapshotId))) return pick
    }
    // Later ones are not checked, so none of them is offered.
    const last = picks.length > MAX_LOOKS ? picks[MAX_LOOKS - 1] : undefined
    return last ? { ...last, refusal: 'picked' } : null
  })
}
