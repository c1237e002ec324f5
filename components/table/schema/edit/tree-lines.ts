import type { TreeRow } from '../tree-rows'
import type { TreeLine } from '../tree-table'

type LineOptions = {
  openId: number | null
  /** Nested columns whose contents are hidden. */
  closedIds: ReadonlySet<number>
  /** Columns that are shown although they are unchanged. */
  unfoldedIds: ReadonlySet<number>
  /** Whether unchanged columns are folded. */
  isFolded: boolean
}

/** The rows that are shown. Neighbours without a change are one line when they are folded. */
export function treeLines(rows: readonly TreeRow[], options: LineOptions): TreeLine[] {
  const { openId, closedIds, unfoldedIds, isFolded } = options
  const lines: TreeLine[] = []
  /** Rows deeper than this are hidden together with the row above them. */
  let hiddenBelow = Number.POSITIVE_INFINITY
  for (const row of rows) {
    if (row.depth > hiddenBelow) continue
    hiddenBelow = Number.POSITIVE_INFINITY
    const isFoldable = isFolded && !row.isTouched && row.fieldId !== openId && !unfoldedIds.has(row.fieldId)
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
