import { type ColumnLayout, NO_LAYOUT } from '@/components/ui/grid/column-layout'
import type { ReadState } from '@/lib/client/rows/read-state'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { ColumnPicker } from './columns/column-picker'
import { DeletedRowsSwitch } from './deleted-rows'
import { ExportMenu } from './export/export-menu'
import type { ExportedRows } from './export/exported-rows'
import type { RowsExport } from './export/use-rows-export'
import { GoToRow } from './go-to-row'
import { RowsToolbar, ToolbarRowCount } from './rows-toolbar'
import { isDefaultLayout } from './use-shown-layout'

type GridToolbarProps = {
  state: ReadState
  /** All columns of the table. */
  fields: readonly NestedField[]
  layout: ColumnLayout
  onLayoutChange: (layout: ColumnLayout) => void
  onGoToRow: (row: number) => void
  /** Whether deleted rows are shown; null if no rows are deleted. */
  showsDeleted: boolean | null
  onShowDeleted: (showsDeleted: boolean) => void
  exportedRows: ExportedRows
  rowsExport: RowsExport
}

/** The toolbar above a grid of rows: row count, *Go to row*, deleted rows, exports and columns. */
export function GridToolbar({
  state,
  fields,
  layout,
  onLayoutChange,
  onGoToRow,
  showsDeleted,
  onShowDeleted,
  exportedRows,
  rowsExport,
}: GridToolbarProps) {
  return (
    <RowsToolbar
      end={
        <>
          {showsDeleted !== null && <DeletedRowsSwitch isOn={showsDeleted} onChange={onShowDeleted} />}
          <ExportMenu rows={exportedRows} rowsExport={rowsExport} />
          <ColumnPicker
            fields={fields}
            layout={layout}
            onChange={(part) => onLayoutChange({ ...layout, ...part })}
            onReset={isDefaultLayout(layout) ? undefined : () => onLayoutChange(NO_LAYOUT)}
          />
        </>
      }
    >
      <ToolbarRowCount state={state} />
      <GoToRow rowCount={state.rowCount} onGo={onGoToRow} />
    </RowsToolbar>
  )
}
