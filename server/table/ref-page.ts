import 'server-only'
import type { RefDetail } from '@/lib/contract/table/refs'
import { retentionOf } from '@/lib/changes/edits/ref-edits'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/metadata-json'
import { distanceFromMain } from '@/lib/iceberg/metadata/ref-distance'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'

const PAGE_SIZE = 500

/**
 * One page of the table's branches and tags: `main`, then branches, then tags, newest first.
 *
 * @param request.name only the ref of this name
 * @param request.offset counts from the first
 */
export function refPage(
  metadata: TableMetadata,
  { name: requested, offset = 0 }: { name?: string | undefined; offset?: number | undefined },
) {
  const committedAtMs = new Map(metadata.snapshots.map(({ snapshotId, timestampMs }) => [snapshotId, timestampMs]))
  const distanceOf = distanceFromMain(metadata)
  const sorted = Object.entries(metadata.refs)
    .filter(([name]) => requested === undefined || name === requested)
    .map(([name, ref]) => ({ name, ref, committedAtMs: committedAtMs.get(ref.snapshotId) ?? null }))
    .sort(
      (a, b) =>
        rank(a.name, a.ref.type) - rank(b.name, b.ref.type) ||
        (b.committedAtMs ?? 0) - (a.committedAtMs ?? 0) ||
        (a.name < b.name ? -1 : 1),
    )
  const page = sorted.slice(offset, offset + PAGE_SIZE)
  return {
    totalCount: sorted.length,
    refs: page.map(({ name, ref, committedAtMs: atMs }): RefDetail => {
      const distance = distanceOf(ref.snapshotId)
      return {
        name,
        type: ref.type,
        snapshotId: ref.snapshotId,
        committedAtMs: atMs,
        aheadCount: distance?.aheadCount ?? null,
        behindCount: distance?.behindCount ?? null,
        ...retentionOf(ref),
      }
    }),
    nextOffset: offset + page.length < sorted.length ? offset + page.length : null,
  }
}

function rank(name: string, type: 'branch' | 'tag'): number {
  if (name === MAIN_BRANCH) return 0
  return type === 'branch' ? 1 : 2
}
