import type { TableDetail } from '@/lib/contract/table/tables'
import type { AsOf } from '@/lib/iceberg/as-of'

/**
 * Predicts the shown state from the refs and the commits of another state of the table, so that the as-of control and
 * the band are correct while the state is being read, or cannot be read.
 */
export function predictShownState(asOf: AsOf, { refs, timeline }: TableDetail): TableDetail['shown'] {
  if (asOf.ref !== undefined && asOf.ref !== 'main') {
    const ref = refs.find(({ name }) => name === asOf.ref)
    return {
      ...toCommit(ref?.snapshotId, timeline),
      ref: { name: asOf.ref, type: ref?.type ?? 'branch' },
      isCurrent: false,
    }
  }
  if (asOf.snapshotId !== undefined) return { ...toCommit(asOf.snapshotId, timeline), ref: null, isCurrent: false }
  const { atMs } = asOf
  if (atMs !== undefined) {
    const current = timeline.findLast(({ committedAtMs }) => committedAtMs <= atMs)
    return { ...toCommit(current?.snapshotId, timeline), ref: null, isCurrent: false }
  }
  const tip = refs.find(({ name }) => name === 'main')
  return { ...toCommit(tip?.snapshotId, timeline), ref: { name: 'main', type: 'branch' }, isCurrent: true }
}

/** The first entry of the log has the time of the commit; a rollback adds another. */
function toCommit(snapshotId: string | undefined, timeline: TableDetail['timeline']) {
  const entry = timeline.find((candidate) => candidate.snapshotId === snapshotId)
  return { snapshotId: snapshotId ?? null, committedAtMs: entry?.committedAtMs ?? null }
}
