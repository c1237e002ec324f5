import { DamagedParquet } from '@/lib/parquet/errors'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import type { LeafPage } from '../leaf-pages'

/** Levels `[from, to)` of one page. */
export type LeafSpan = { page: LeafPage; from: number; to: number }

/**
 * The levels of one Parquet column for some rows.
 *
 * Spec: Melnik and others, *Dremel* (2010): a repetition level says which list a value continues, a definition level
 * how much of its path is present.
 */
export type LeafLevels = { node: SchemaNode; spans: readonly LeafSpan[] }

/**
 * @param pages in order, containing all rows of the row group from `firstRow` to before `lastRow`
 * @throws {DamagedParquet} if they do not
 */
export function selectLevels(
  node: SchemaNode,
  pages: readonly LeafPage[],
  firstRow: number,
  lastRow: number,
): LeafLevels {
  const spans: LeafSpan[] = []
  let row = firstRow
  for (const page of pages) {
    const endRow = Math.min(lastRow, page.firstRow + page.rowCount)
    if (endRow <= row) continue
    if (page.firstRow > row) break
    spans.push({ page, from: levelOfRow(page, row), to: levelOfRow(page, endRow) })
    row = endRow
  }
  if (row < lastRow) throw new DamagedParquet(`column ${node.path.join('.')} has no row ${row}`)
  return { node, spans }
}

function levelOfRow({ rowStarts, firstRow, rowCount, dataPage }: LeafPage, row: number): number {
  if (rowStarts === null) return row - firstRow
  return row - firstRow === rowCount ? dataPage.valueCount : (rowStarts[row - firstRow] ?? dataPage.valueCount)
}

/** How many levels have at least this definition: the values and nulls inside the innermost list around them. */
export function countDefined({ node, spans }: LeafLevels, minDefinition: number): number {
  let count = 0
  for (const { page, from, to } of spans) {
    const { definitions } = page.dataPage
    if (definitions === null || minDefinition === 0) {
      if (node.maxDefinition >= minDefinition) count += to - from
      continue
    }
    for (let i = from; i < to; i++) if ((definitions[i] ?? 0) >= minDefinition) count++
  }
  return count
}
