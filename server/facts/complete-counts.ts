import 'server-only'
import { MEASURES } from '@/lib/facts/amounts'
import type { VersionDescription } from '@/lib/facts/describe-version'
import type { SnapshotFacts } from '@/lib/facts/snapshot-facts'
import type { VersionSource } from './version-source'

/** Counts are read from manifests for so many commits of a version; those of others stay unknown. */
const MAX_COUNTED = 50

/**
 * Fills in counts that summaries lack, from the manifests of their snapshots. What cannot be read stays unknown.
 *
 * @param metadataLocation of the version, which has the snapshots
 */
export async function completeCounts(
  source: VersionSource,
  description: VersionDescription,
  metadataLocation: string,
): Promise<VersionDescription> {
  const commits = description.moves.flatMap(({ left, entered }) => [...left, ...entered.map(({ commit }) => commit)])
  const ids = [...new Set(commits.filter(lacksCounts).map(({ snapshotId }) => snapshotId))].slice(-MAX_COUNTED)
  if (ids.length === 0) return description
  const counts = new Map<string, Awaited<ReturnType<VersionSource['readCounts']>>>()
  for (const id of ids) counts.set(id, await source.readCounts(metadataLocation, id))
  const complete = (commit: SnapshotFacts): SnapshotFacts => ({ ...commit, ...counts.get(commit.snapshotId) })
  return {
    ...description,
    moves: description.moves.map((move) => ({
      ...move,
      left: move.left.map(complete),
      entered: move.entered.map((entered) => ({ ...entered, commit: complete(entered.commit) })),
      total: counts.get(move.toId)?.total ?? move.total,
    })),
  }
}

function lacksCounts({ added, removed }: SnapshotFacts): boolean {
  return MEASURES.some((measure) => added[measure] === null || removed[measure] === null)
}
