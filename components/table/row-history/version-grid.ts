import { toDifferenceCell, toValueCell } from '@/components/table/compare/difference-cell'
import { toGridColumn } from '@/components/table/rows/row-cell'
import type { Cell, GridColumn } from '@/components/ui/grid/grid-cell'
import type { Snapshot } from '@/lib/contract/table/snapshots'
import { formatExactTime } from '@/lib/format/time'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { type ComparedColumn, listComparedColumns } from '@/lib/scan/compare/compared-columns'
import { type RowVersionChange, valueOf } from '@/lib/scan/compare/row-versions'
import type { HistoryEntry } from './use-row-history'

/** One change of the row by one commit. */
type VersionRow = { snapshot: Snapshot; change: RowVersionChange }

export const SNAPSHOT_COLUMN = 'snapshot'
/** Keys of the other columns are field ids. */
const COMMIT_COLUMNS: readonly GridColumn[] = [
  { key: 'change', name: 'Change', typeLabel: '', align: 'left', width: 90 },
  { key: 'committed', name: 'Committed', typeLabel: '', align: 'left', width: 200 },
  { key: 'operation', name: 'Operation', typeLabel: '', align: 'left', width: 100 },
  { key: 'writer', name: 'Writer', typeLabel: '', align: 'left', width: 140 },
  { key: SNAPSHOT_COLUMN, name: 'Snapshot', typeLabel: '', align: 'left', width: 180, mono: true },
]
const KIND_LABELS = { in: 'added', out: 'removed', changed: 'changed' } as const
const TONES = { in: 'added', out: 'removed', changed: undefined } as const

export function toVersionRows(entries: readonly HistoryEntry[]): VersionRow[] {
  return entries.flatMap(({ snapshot, changes }) => changes.map((change) => ({ snapshot, change })))
}

/** The commit, then the columns of the table, those that changed first. */
export function toVersionColumns(fields: readonly NestedField[], rows: readonly VersionRow[]) {
  const changedIds = new Set(rows.flatMap(({ change }) => change.changed.map(({ fieldId }) => fieldId)))
  const columns = listComparedColumns(fields).toSorted(
    (a, b) => Number(changedIds.has(b.fieldId)) - Number(changedIds.has(a.fieldId)),
  )
  return {
    gridColumns: [...COMMIT_COLUMNS, ...columns.map(toVersionColumn)],
    byKey: new Map(columns.map((column) => [String(column.fieldId), column])),
  }
}

function toVersionColumn({ fieldId, path, type }: ComparedColumn): GridColumn {
  return toGridColumn({ id: fieldId, name: path.join('.'), required: false, type })
}

/**
 * @param column undefined for a column of the commit
 * @param timeZone IANA name of the reader's zone
 */
export function toVersionCell(
  { snapshot, change }: VersionRow,
  key: string,
  { column, timeZone }: { column: ComparedColumn | undefined; timeZone: string },
): Cell {
  if (column === undefined) return commitCell({ snapshot, change }, key, timeZone)
  const { kind, before, after, changed } = change
  const [old, current] = [before && valueOf(column, before), after && valueOf(column, after)]
  if (kind === 'changed' && changed.some(({ fieldId }) => fieldId === column.fieldId))
    return toDifferenceCell(column.type, { before: old, after: current }, timeZone)
  const tone = TONES[kind]
  return { ...toValueCell(column.type, kind === 'out' ? old : current, timeZone), ...(tone && { tone }) }
}

function commitCell({ snapshot, change: { kind } }: VersionRow, key: string, timeZone: string): Cell {
  const { snapshotId, parentSnapshotId, committedAtMs, operation, writer } = snapshot
  switch (key) {
    case 'change': {
      const tone = TONES[kind]
      return { kind: 'value', text: KIND_LABELS[kind], ...(tone && { tone }) }
    }
    case 'committed':
      return { kind: 'value', text: formatExactTime(committedAtMs, timeZone) }
    case 'operation':
      return { kind: 'value', text: operation }
    case 'writer':
      return writer === null
        ? { kind: 'zero', text: 'unknown', copyText: '', title: 'The snapshot does not name its writer.' }
        : { kind: 'value', text: writer }
    default:
      return parentSnapshotId === null
        ? { kind: 'value', text: snapshotId }
        : { kind: 'nested', text: snapshotId, title: `${snapshotId}: compare with its parent` }
  }
}
