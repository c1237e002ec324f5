'use client'
import { useMemo, useRef, useState } from 'react'
import { DataGrid, type GridHandle, type GridRange } from '@/components/ui/grid/data-grid'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { Toolbar } from '@/components/ui/toolbar'
import type { PlannedFile, SignedScanPlan } from '@/lib/contract/scan'
import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { ColumnPicker } from './column-picker'
import { GoToRow } from './go-to-row'
import { type OpenedCell, OpenedValue } from './opened-value'
import { ReadCostFooter } from './read-cost-footer'
import { failedCell, toCell, toGridColumn } from './row-cell'
import { RowDetail } from './row-detail'
import { RowOrigin } from './row-origin'
import classes from './row-grid.module.css'
import { useRowStore } from './use-row-store'

/**
 * The rows of a snapshot. Every row can be reached; only visible rows are read. The component has to be remounted for
 * another snapshot or schema.
 *
 * @param props.fields the columns of the grid
 * @param props.sidePanel renders the details of a row
 */
export function RowGrid({
  name,
  plan,
  fields,
  onExpired,
  sidePanel: SidePanelSlot,
}: {
  name: string
  plan: SignedScanPlan
  fields: readonly NestedField[]
  onExpired: () => void
  sidePanel: React.ComponentType<{ children: React.ReactNode }>
}) {
  const { store, state } = useRowStore(plan, fields, onExpired)
  const grid = useRef<GridHandle>(null)
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set())
  const [openValue, setOpenValue] = useState<OpenedCell | null>(null)
  const [openRow, setOpenRow] = useState<number | null>(null)
  const visibleRange = useRef<GridRange | null>(null)

  const nullShares = useMemo(() => new Map(plan.nullShares.map(({ fieldId, share }) => [fieldId, share])), [plan])
  const fieldsByKey = useMemo(() => new Map(fields.map((field) => [String(field.id), field])), [fields])
  const columns = useMemo(
    () =>
      fields.filter(({ id }) => !hidden.has(id)).map((field) => toGridColumn(field, nullShares.get(field.id) ?? null)),
    [fields, hidden, nullShares],
  )

  const cell = (row: number, columnKey: string) => {
    const field = fieldsByKey.get(columnKey)
    const value = field && store.valueAt(row, field.id)
    if (!field || value === undefined) return undefined
    return value instanceof AppError ? failedCell(value) : toCell(field.type, value)
  }

  const showRange = (range: GridRange, detailRow: number | null) => {
    visibleRange.current = range
    const { firstRow, lastRow, columnKeys } = range
    const isDetailInside = detailRow !== null && detailRow >= firstRow && detailRow < lastRow
    // The row panel shows all columns.
    const fieldIds = isDetailInside ? fields.map(({ id }) => id) : columnKeys.map(Number)
    store.setVisibleRows({ firstRow, lastRow, fieldIds })
  }

  const openDetail = (row: number | null) => {
    setOpenRow(row)
    if (visibleRange.current) showRange(visibleRange.current, row)
  }

  const openNested = (row: number, columnKey: string, anchor: HTMLElement) => {
    const field = fieldsByKey.get(columnKey)
    const value = field && store.valueAt(row, field.id)
    if (!field || value === undefined || value === null || value instanceof AppError) return
    setOpenValue({ name: field.name, type: field.type, value, row, anchor })
  }

  const origin = openRow === null ? null : findRowOrigin(plan.files, openRow)
  const openOrigin = openValue && findRowOrigin(plan.files, openValue.row)
  return (
    <>
      <Toolbar end={<ColumnPicker fields={fields} hidden={hidden} onChange={setHidden} />}>
        <GoToRow rowCount={plan.rowCount} onGo={(row) => grid.current?.goToRow(row)} />
      </Toolbar>
      {state.problem && (
        <div className={classes.problem}>
          <ProblemNote error={state.problem} subject={name} onRetry={() => store.retry()} />
        </div>
      )}
      <DataGrid
        label="Rows"
        rowCount={plan.rowCount}
        columns={columns}
        cell={cell}
        onRangeChange={(range) => showRange(range, openRow)}
        onCellOpen={openNested}
        onRowOpen={openDetail}
        openRow={openRow}
        handle={grid}
        empty={<EmptyState>This snapshot has no rows.</EmptyState>}
      />
      <ReadCostFooter plan={plan} state={state} />
      {openValue && openOrigin && (
        <OpenedValue cell={openValue} footer={<RowOrigin {...openOrigin} />} onClose={() => setOpenValue(null)} />
      )}
      {openRow !== null && origin && (
        <SidePanelSlot>
          <RowDetail
            row={openRow}
            origin={origin}
            fields={fields}
            fieldValue={(fieldId) => store.valueAt(openRow, fieldId)}
            onClose={() => openDetail(null)}
          />
        </SidePanelSlot>
      )}
    </>
  )
}

/** The file that contains a row of the scan, and the row's position in it. */
function findRowOrigin(files: readonly PlannedFile[], row: number): { file: PlannedFile; position: number } | null {
  const file = files.findLast((candidate) => candidate.firstRowIndex <= row && candidate.recordCount > 0)
  return file ? { file, position: row - file.firstRowIndex } : null
}
