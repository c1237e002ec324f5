import type { SignedScanPlan } from '@/lib/contract/table/scan'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { SortDirection } from '@/lib/scan/sort/sort-keys'
import type { SelectedRows } from './selected-rows'
import type { ExportState } from './use-rows-export'

/** The rows as a grid shows them. */
export type ExportedRows = Omit<SelectedRows, 'sort'> & {
  plan: SignedScanPlan
  /** Without rows that are known to be deleted; null while a filter is searched. */
  rowCount: number | null
  /** How the rows are sorted; null in the order of their files. */
  sort: ExportedSort | null
}

export type ExportedSort = {
  field: NestedField
  direction: SortDirection
  /** The rows as they are sorted, or why they are saved in the order of their files. */
  rows: { order: Uint32Array } | { problem: string }
}

/** Above this number, sorting the output would take too many passes over the files. */
const MAX_SORTED_ROWS = 500_000

/** The sort of a grid as an export follows it. */
export function toExportedSort(
  field: NestedField,
  direction: SortDirection,
  { sortedRows, showsDeleted }: { sortedRows: Uint32Array | null; showsDeleted: boolean },
): ExportedSort {
  if (showsDeleted) return { field, direction, rows: { problem: 'deleted rows are shown, but not saved' } }
  if (sortedRows === null) return { field, direction, rows: { problem: 'the rows are not sorted yet' } }
  if (sortedRows.length > MAX_SORTED_ROWS) {
    return {
      field,
      direction,
      rows: { problem: `more than ${formatCount(MAX_SORTED_ROWS)} rows are not saved sorted` },
    }
  }
  return { field, direction, rows: { order: sortedRows } }
}

/** Empty until an export ends, so that progress is not announced again and again. */
export function outcomeText(state: ExportState): string {
  if (state.kind !== 'done') return ''
  const { rowCount, sizeBytes } = state.progress
  return `Saved ${state.fileName}: ${formatQuantity(rowCount, 'row')}, ${formatBytes(sizeBytes)}.`
}
