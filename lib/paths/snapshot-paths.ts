import { instantText } from '@/lib/names/instant-text'
import { parseInstantMs } from '@/lib/names/parse-instant'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { paths, snapshotIdProblem } from './paths'

/** The addresses of pages below the snapshots of a table. */
export const snapshotPaths = {
  /** The list with the details of a snapshot open. */
  opened: (identifier: TableIdentifier, snapshotId: string) =>
    `${paths.table(identifier, 'snapshots')}?${new URLSearchParams({ opened: snapshotId })}`,
  /** The comparison of two states of a table: by default the newest snapshot of `main` with the one before it. */
  comparison: (identifier: TableIdentifier, { before, after }: { before?: AsOf; after?: AsOf } = {}) => {
    const query = new URLSearchParams({
      ...(before && { before: asOfText(before) }),
      ...(after && { after: asOfText(after) }),
    })
    return `${paths.table(identifier, 'snapshots')}/compare${query.size === 0 ? '' : `?${query}`}`
  },
  /** The history of the row that meets a condition, such as `id = 42`, on a branch: by default `main`. */
  rowHistory: (identifier: TableIdentifier, condition?: string, branch = 'main') => {
    const query = new URLSearchParams({
      ...(condition !== undefined && { row: condition }),
      ...(branch !== 'main' && { branch }),
    })
    return `${paths.table(identifier, 'snapshots')}/row${query.size === 0 ? '' : `?${query}`}`
  },
  /** The panel that moves a branch; without a target the user chooses one there. */
  refMove: (identifier: TableIdentifier, branch: string, to: AsOf | null) =>
    `${paths.table(identifier, 'snapshots')}?${new URLSearchParams({ move: branch, ...(to && { to: asOfText(to) }) })}`,
  /** The search for the commit after which a condition does not hold. */
  brokenCommit: (identifier: TableIdentifier) => `${paths.table(identifier, 'snapshots')}/find`,
}

/** An as-of as one text of an address: `ref:main`, `snapshot:123` or `at:2026-11-23T00:35:00Z`. */
export function asOfText({ ref, snapshotId, atMs }: AsOf): string {
  if (snapshotId !== undefined) return `snapshot:${snapshotId}`
  if (atMs !== undefined) return `at:${instantText(atMs)}`
  return `ref:${ref ?? 'main'}`
}

/** Like {@link asOfText}, the other way round; null if the text is not one. */
export function asOfFromText(text: string): AsOf | null {
  const [, kind, value = ''] = /^(ref|snapshot|at):(.+)$/s.exec(text) ?? []
  if (kind === 'ref') return { ref: value }
  if (kind === 'snapshot') return snapshotIdProblem(value) === null ? { snapshotId: value } : null
  const atMs = kind === 'at' ? parseInstantMs(value) : null
  return atMs === null ? null : { atMs }
}
