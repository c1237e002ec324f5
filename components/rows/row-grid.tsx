'use client'
import { Button } from '@mantine/core'
import dynamic from 'next/dynamic'
import { useEffect, useEffectEvent, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { loadCode } from '@/components/ui/controls/load-code'
import { type ColumnLayout, NO_LAYOUT } from '@/components/ui/grid/column-layout'
import { type Cell, DataGrid, type GridHandle, type GridRange } from '@/components/ui/grid/data-grid'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { FilteredRowStore } from '@/lib/client/rows/filtered-row-store'
import type { RowStore } from '@/lib/client/rows/row-store'
import type { SignedScanPlan } from '@/lib/contract/scan'
import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { LAST_UPDATED_SEQUENCE_NUMBER, ROW_ID } from '@/lib/scan/read/metadata-columns'
import { movedRow } from '@/lib/scan/live-rows'
import { ColumnPicker } from './column-picker'
import { GoToRow } from './go-to-row'
import type { OpenedCell } from './opened-value'
import { ReadCostFooter } from './read-cost-footer'
import { failedCell, type NullShare, toCell, toGridColumn } from './row-cell'
import { RowDetail } from './row-detail'
import { RowOrigin } from './row-origin'
import { RowsToolbar } from './rows-toolbar'
import { SearchEmpty } from './search-empty'
import classes from './row-grid.module.css'
import { useRowStore } from './use-row-store'
import { useRowsAddress } from './use-rows-address'
import { isDefaultLayout, useShownLayout } from './use-shown-layout'

const LazyOpenedValue = dynamic(async () => (await loadCode(() => import('./opened-value'))).OpenedValue, {
  ssr: false,
})

/** A filter on the rows, as JSON for the reader. */
export type RowGridFilter = { where: string; onClear: () => void }

/**
 * The rows of a snapshot. Every row can be reached; only visible rows are read. The component has to be remounted for
 * another snapshot or schema. The position, the open row and the layout of the columns are in the address,
 * so that a copied link shows the same.
 *
 * @param props.fields the columns of the grid
 * @param props.nullShares shares of nulls by column; null if the snapshot has too many files to add them up
 * @param props.onRead called when the first rows were read
 * @param props.layout how the user arranged the columns; the address has precedence
 * @param props.sidePanel renders the details of a row
 * @param props.filter that of the plan; another one needs another component
 * @param props.onFilterColumn opens the editor of a filter
 */
export function RowGrid({
  name,
  plan,
  fields,
  nullShares,
  layout,
  onLayoutChange,
  onExpired,
  onRead,
  sidePanel: SidePanelSlot,
  filter,
  onFilterColumn,
}: {
  name: string
  plan: SignedScanPlan
  fields: readonly NestedField[]
  nullShares: NullShares | null | Error | 'loading'
  layout: ColumnLayout
  onLayoutChange: (layout: ColumnLayout) => void
  onExpired: () => void
  onRead: () => void
  sidePanel: React.ComponentType<{ children: React.ReactNode }>
  filter?: RowGridFilter | undefined
  onFilterColumn?: (fieldId: number) => void
}) {
  const { store, state } = useRowStore(plan, { fields, where: filter?.where, onExpired })
  const grid = useRef<GridHandle>(null)
  const address = useRowsAddress(plan.rowCount)
  const { openRow } = address
  const { rowCount, counting, moved } = state
  const [openValue, setOpenValue] = useState<OpenedCell | null>(null)
  const visibleRange = useRef<GridRange | null>(null)

  const hasRead = state.elapsedMs !== null
  useEffect(() => {
    if (hasRead) onRead()
  }, [hasRead, onRead])

  // Rows that others are deleted before move up, and the grid with them.
  const followRows = useEffectEvent(() => {
    const topRow = visibleRange.current?.topRow ?? 0
    grid.current?.moveUp(topRow - movedRow(topRow, moved.shrunk))
    if (openRow !== null) address.setOpenRow(movedRow(openRow, moved.shrunk))
  })
  useLayoutEffect(() => {
    if (moved.revision > 0) followRows()
  }, [moved.revision])

  const fieldsByKey = useMemo(() => new Map(fields.map((field) => [String(field.id), field])), [fields])
  const columns = useMemo(
    () =>
      fields.map((field) =>
        toGridColumn(field, plan.rowCount === 0 ? undefined : nullShareOf(field, nullShares), plan.deleteFileCount > 0),
      ),
    [fields, nullShares, plan.rowCount, plan.deleteFileCount],
  )
  const [shownLayout, changeLayout] = useShownLayout({ fields, layout, onLayoutChange, address })

  const cell = useMemo(
    () => cellReader(store, fieldsByKey, state.valuesVersion),
    [store, fieldsByKey, state.valuesVersion],
  )

  const showRange = (range: GridRange, detailRow: number | null) => {
    visibleRange.current = range
    const { firstRow, lastRow, columnKeys } = range
    const isDetailInside = detailRow !== null && detailRow >= firstRow && detailRow < lastRow
    // The row panel shows all columns and where the row comes from.
    const hasLineage = plan.files.some(({ firstRowId }) => firstRowId !== null)
    const detailFields = hasLineage ? [...fields, ROW_ID, LAST_UPDATED_SEQUENCE_NUMBER] : fields
    const fieldIds = isDetailInside ? detailFields.map(({ id }) => id) : columnKeys.map(Number)
    store.setVisibleRows({ firstRow, lastRow, fieldIds })
  }

  const shownRow = useRef<number | null>(null)
  useEffect(() => {
    if (shownRow.current === openRow) return
    if (visibleRange.current) showRange(visibleRange.current, openRow)
    // The panel is gone, and the focus with it, if it was in there.
    const isFocusLost = document.activeElement === null || document.activeElement === document.body
    if (openRow === null && isFocusLost) grid.current?.focus()
    shownRow.current = openRow
  })

  const openNested = (row: number, columnKey: string, anchor: HTMLElement) => {
    const field = fieldsByKey.get(columnKey)
    const value = field && store.valueAt(row, field.id)
    if (!field || value === undefined || value === null || value instanceof AppError) return
    setOpenValue({ name: field.name, type: field.type, value, row, anchor })
  }

  const { search } = state
  const continueSearch = () => store.countRows()
  const stopSearch = () => {
    if (store instanceof FilteredRowStore) store.pauseSearch()
  }
  const empty = search ? (
    <SearchEmpty
      search={search}
      fileCount={plan.fileCount}
      onContinue={continueSearch}
      onStop={stopSearch}
      onClear={() => filter?.onClear()}
    />
  ) : (
    <EmptyState>This snapshot has no rows.</EmptyState>
  )
  // The row of a link is known once it is found.
  const isRowPending = search?.status === 'running' && rowCount <= address.initialTopRow
  const origin = openRow === null ? null : store.originOf(openRow)
  const openOrigin = openValue && store.originOf(openValue.row)
  return (
    <>
      <RowsToolbar
        end={
          <ColumnPicker
            fields={fields}
            layout={shownLayout}
            onChange={(part) => changeLayout({ ...shownLayout, ...part })}
            onReset={isDefaultLayout(shownLayout) ? undefined : () => changeLayout(NO_LAYOUT)}
          />
        }
      >
        <GoToRow rowCount={rowCount} onGo={(row) => grid.current?.goToRow(row)} />
      </RowsToolbar>
      {state.problem && (
        <div className={classes.problem}>
          <ProblemNote error={state.problem} subject={name} onRetry={() => store.retry()} />
        </div>
      )}
      {search?.problem && (
        <div className={classes.problem}>
          <ProblemNote error={search.problem} subject={name} onRetry={continueSearch} />
        </div>
      )}
      {shownLayout.hidden.length === fields.length && fields.length > 0 ? (
        <div className={classes.noColumns}>
          <EmptyState
            action={
              <Button variant="default" onClick={() => changeLayout({ ...shownLayout, hidden: [] })}>
                Show all columns
              </Button>
            }
          >
            All columns are hidden.
          </EmptyState>
        </div>
      ) : isRowPending && address.initialTopRow > 0 ? (
        <div className={classes.noColumns}>{empty}</div>
      ) : (
        <DataGrid
          label="Rows"
          rowCount={rowCount}
          isRowCountExact={counting === 'exact'}
          columns={columns}
          cell={cell}
          layout={shownLayout}
          onLayoutChange={changeLayout}
          {...(onFilterColumn && { onColumnFilter: (columnKey) => onFilterColumn(Number(columnKey)) })}
          onRangeChange={(range) => {
            showRange(range, openRow)
            address.setTopRow(range.topRow)
          }}
          onCellOpen={openNested}
          onRowOpen={address.setOpenRow}
          onRowClose={() => address.setOpenRow(null)}
          openRow={openRow}
          initialTopRow={address.initialTopRow}
          handle={grid}
          empty={empty}
        />
      )}
      <ReadCostFooter plan={plan} state={state} onCount={continueSearch} onStop={stopSearch} />
      {openValue && (
        <LazyOpenedValue
          cell={openValue}
          footer={openOrigin && <RowOrigin {...openOrigin} />}
          onClose={() => setOpenValue(null)}
        />
      )}
      {openRow !== null && (
        <SidePanelSlot>
          <RowDetail
            row={openRow}
            origin={origin}
            fields={fields}
            fieldValue={(fieldId) => store.valueAt(openRow, fieldId)}
            onClose={() => address.setOpenRow(null)}
          />
        </SidePanelSlot>
      )}
    </>
  )
}

/** Reads cells from the store as it is now: `valuesVersion` only makes another function of the same store. */
function cellReader(
  store: Pick<RowStore, 'valueAt'>,
  fieldsByKey: ReadonlyMap<string, NestedField>,
  _valuesVersion: number,
) {
  return (row: number, columnKey: string): Cell | undefined => {
    const field = fieldsByKey.get(columnKey)
    const value = field && store.valueAt(row, field.id)
    if (!field || value === undefined) return undefined
    return value instanceof AppError ? failedCell(value) : toCell(field.type, value)
  }
}

type NullShares = readonly { fieldId: number; share: number }[]

function nullShareOf({ id }: NestedField, nullShares: NullShares | null | Error | 'loading'): NullShare {
  if (nullShares === 'loading') return nullShares
  if (nullShares instanceof Error) return { unknownBecause: nullShares.message }
  if (nullShares === null) return { unknownBecause: 'the snapshot has too many files to count their nulls' }
  return nullShares.find(({ fieldId }) => fieldId === id)?.share ?? null
}
