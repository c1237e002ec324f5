import type { TreeRow } from '../tree-rows'
import type { TreeLine } from '../tree-table'

/** Each row has a dozen controls, so an editor of thousands of columns would answer in seconds. */
export const MAX_UNFOLDED_COLUMNS = 200

type LineOptions = {
  openId: number | null
  /** Nested columns whose contents are hidden. */
  closedIds: ReadonlySet<number>
  /** Columns that are shown although they are unchanged, or come after many others. */
  unfoldedIds: ReadonlySet<number>
  /** Columns that a message or a link leads to: they are in sight, with those that they are in. */
  shownIds?: Iterable<number>
  /** Whether unchanged columns are folded. */
  isFolded: boolean
}

/**
 * The rows that are shown. Neighbours without a change are one line when they are folded, and so are those after the
 * first {@link MAX_UNFOLDED_COLUMNS}.
 */
export function treeLines(rows: readonly TreeRow[], options: LineOptions): TreeLine[] {
  const { openId, closedIds, shownIds = [], isFolded } = options
  const unfoldedIds = new Set([...options.unfoldedIds, ...withParents(rows, shownIds)])
  const lines: TreeLine[] = []
  /** Rows deeper than this are hidden together with the row above them. */
  let hiddenBelow = Number.POSITIVE_INFINITY
  for (const [i, row] of rows.entries()) {
    if (row.depth > hiddenBelow) continue
    hiddenBelow = Number.POSITIVE_INFINITY
    const isFoldable =
      (isFolded || i >= MAX_UNFOLDED_COLUMNS) &&
      !row.isTouched &&
      row.fieldId !== openId &&
      !unfoldedIds.has(row.fieldId)
    if (isFoldable) {
      hiddenBelow = row.depth
      const last = lines.at(-1)
      if (last?.kind === 'fold' && last.rows[0]?.depth === row.depth) {
        lines[lines.length - 1] = { kind: 'fold', rows: [...last.rows, row] }
      } else lines.push({ kind: 'fold', rows: [row] })
      continue
    }
    const isOpen = row.fieldId === openId && row.mark !== '−'
    lines.push({ kind: 'column', row, isOpen })
    if (isOpen) lines.push({ kind: 'details', row })
    if (closedIds.has(row.fieldId)) hiddenBelow = row.depth
  }
  return lines
}

/** Unfolds the next columns of a line. */
export function withUnfolded(unfoldedIds: ReadonlySet<number>, folded: readonly TreeRow[]): ReadonlySet<number> {
  return new Set([...unfoldedIds, ...folded.slice(0, MAX_UNFOLDED_COLUMNS).map(({ fieldId }) => fieldId)])
}

function withParents(rows: readonly TreeRow[], fieldIds: Iterable<number>): ReadonlySet<number> {
  const found = new Set(fieldIds)
  if (found.size === 0) return found
  // A parent comes before its children.
  for (const { fieldId, parentId } of rows.toReversed())
    if (parentId !== null && found.has(fieldId)) found.add(parentId)
  return found
}
