import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { paths } from './paths'

/** The addresses of pages below the snapshots of a table. */
export const snapshotPaths = {
  /** The comparison of two states of a table: by default the newest snapshot of `main` with the one before it. */
  comparison: (identifier: TableIdentifier, { before, after }: { before?: AsOf; after?: AsOf } = {}) => {
    const query = new URLSearchParams({
      ...(before && { before: asOfText(before) }),
      ...(after && { after: asOfText(after) }),
    })
    return `${paths.table(identifier, 'snapshots')}/compare${query.size === 0 ? '' : `?${query}`}`
  },
  /** The history of the row that meets a condition, such as `id = 42`. */
  rowHistory: (identifier: TableIdentifier, condition?: string) =>
    `${paths.table(identifier, 'snapshots')}/row${condition === undefined ? '' : `?${new URLSearchParams({ row: condition })}`}`,
  /** The search for the commit after which a condition does not hold. */
  brokenCommit: (identifier: TableIdentifier) => `${paths.table(identifier, 'snapshots')}/find`,
}

/** An as-of as one text of an address: `ref:main`, `snapshot:123` or `at:1609459200000`. */
export function asOfText({ ref, snapshotId, atMs }: AsOf): string {
  if (snapshotId !== undefined) return `snapshot:${snapshotId}`
  if (atMs !== undefined) return `at:${atMs}`
  return `ref:${ref ?? 'main'}`
}
