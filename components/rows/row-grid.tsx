'use client'
import { Button } from '@mantine/core'
import { useEffect, useEffectEvent, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { type ColumnLayout, NO_LAYOUT } from '@/components/ui/grid/column-layout'
import { type Cell, DataGrid, type GridHandle, type GridRange } from '@/components/ui/grid/data-grid'
import { AddressProblems } from '@/components/ui/notes/address-problems'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { ReadState } from '@/lib/client/rows/read-state'
import { RowStore } from '@/lib/client/rows/row-store'
import type { RowOrder } from '@/lib/client/rows/sort-rows'
import type { SignedScanPlan } from '@/lib/contract/scan'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import type { NestedField, Value } from '@/lib/iceberg/schema/types'
import { paths } from '@/lib/paths'
import type { ShownVersion } from '@/lib/query/select-from-table'
import { LAST_UPDATED_SEQUENCE_NUMBER, ROW_ID } from '@/lib/scan/read/metadata-columns'
import { movedRow } from '@/lib/scan/live-rows'
import { sortProblem } from '@/lib/scan/sort/sort-keys'
import { arrangeColumns } from './columns/column-arrangement'
import { ColumnPicker } from './columns/column-picker'
import { deletedRowMarks, DeletedRowsNote, DeletedRowsSwitch } from './deleted-rows'
import { ExportMenu } from './export/export-menu'
import { toExportedSort } from './export/exported-rows'
import { rowsSql } from './export/rows-sql'
import { useRowsExport } from './export/use-rows-export'
import { GoToRow } from './go-to-row'
import type { OpenedCell } from './opened-value'
import { ReadCostFooter } from './read-cost-footer'
import { failedCell, type NullShare, toCell, toGridColumn } from './row-cell'
import { filterableValue, RowDetail } from './row-detail'
import { RowOrigin } from './row-origin'
import { RowSort } from './row-sort'
import { rowsAddressChecks } from './rows-address-checks'
import { RowsToolbar, ToolbarRowCount } from './rows-toolbar'
import { SearchEmpty } from './search-empty'
import classes from './row-grid.module.css'
import { useRowStore } from './use-row-store'
import { useRowsAddress, useShowsDeleted } from './use-rows-address'
import { isDefaultLayout, useShownLayout } from './use-shown-layout'

const LazyOpenedValue = lazyComponent(async () => (await import('./opened-value')).OpenedValue)

/** Of rows that are too many to be sorted here, the first ones answer most questions. */
const SORTED_QUERY_ROWS = 100

/** A filter on the rows, as JSON for the reader. */
export type RowGridFilter = { where: string; onClear: () => void }

/**
 * The rows of a snapshot. Every row can be reached; only visible rows are read. The component has to be remounted for
 * another snapshot or schema. The position, the open row and the layout of the columns are in the address,
 * so that a copied link shows the same.
 *
 * @param props.shown the version whose rows these are
 * @param props.fields the columns of the grid
 * @param props.nullShares shares of nulls by column; null if the snapshot has too many files to add them up
 * @param props.onRead called when the first rows were read
 * @param props.layout how the user arranged the columns; the address has precedence
 * @param props.sidePanel renders the details of a row
 * @param props.onSql gets the shown rows as SQL, and null when there is none
 * @param props.filter that of the plan; another one needs another component
 * @param props.onFilterColumn opens the editor of a filter
 * @param props.onFilterValue adds to the filter that a column has a value, or has not
 */
export function RowGrid(props: RowGridProps) {
  // Rows have other numbers with deleted ones among them.
  return <NumberedRows key={String(useShowsDeleted())} {...props} />
}

type RowGridProps = {
  name: string
  table: TableIdentifier
  shown: ShownVersion
  plan: SignedScanPlan
  fields: readonly NestedField[]
  nullShares: NullShares | null | Error | 'loading'
  layout: ColumnLayout
  onLayoutChange: (layout: ColumnLayout) => void
  onExpired: () => void
  onRead: () => void
  sidePanel: React.ComponentType<{ children: React.ReactNode }>
  onSql?: (sql: string | null) => void
  /** Renders the profile of a column, of the rows that pass the filter. */
  columnProfile?: React.ComponentType<{ field: NestedField; where: string | undefined; onClose: () => void }>
  filter?: RowGridFilter | undefined
  onFilterColumn?: (fieldId: number) => void
  onFilterValue?: (fieldId: number, value: Value | null, isExcluded: boolean) => void
}

function NumberedRows({
  name,
  table,
  shown,
  plan,
  fields,
  nullShares,
  layout,
  onLayoutChange,
  onExpired,
  onRead,
  sidePanel: SidePanelSlot,
  onSql,
  columnProfile: ColumnProfile,
  filter,
  onFilterColumn,
  onFilterValue,
}: RowGridProps) {
  const address = useRowsAddress(plan.rowCount)
  const { openRow } = address
  // Rows that pass a filter are counted among those, and deleted ones are not searched.
  const showsDeleted = address.showsDeleted && filter === undefined
  const { store, state } = useRowStore(plan, { fields, where: filter?.where, showsDeleted, onExpired })
  const where = filter?.where
  const grid = useRef<GridHandle>(null)
  const { rowCount, counting, moved } = state
  const [openValue, setOpenValue] = useState<OpenedCell | null>(null)
  const [profiledKey, setProfiledKey] = useState<string | null>(null)
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

  const { sort } = state
  const sortedField = address.sort && fieldsByKey.get(String(address.sort.fieldId))
  const isSortShown = sort.status === 'sorted' && JSON.stringify(sort.order) === JSON.stringify(address.sort)
  const rowsExport = useRowsExport()
  const exportedRows = {
    table,
    shown,
    plan,
    ...shownColumns(fields, shownLayout),
    filter: filter ? { where: filter.where, fields } : null,
    rowCount: filter && counting !== 'exact' ? null : rowCount,
    sort:
      address.sort && sortedField && sortProblem(sortedField.type) === undefined
        ? toExportedSort(sortedField, address.sort, { sortedRows: isSortShown ? store.sortedRows : null, showsDeleted })
        : null,
  }

  const sortKey = JSON.stringify(exportedRows.sort && address.sort)
  const sql = useMemo(() => {
    const direction = JSON.parse(sortKey) as RowOrder | null
    const field = direction && fieldsByKey.get(String(direction.fieldId))
    return rowsSql({
      table,
      shown,
      ...shownColumns(fields, shownLayout),
      filter: where === undefined ? null : { where, fields },
      sort: direction && field ? { field, direction } : null,
    })
  }, [table, shown, fields, fieldsByKey, shownLayout, where, sortKey])
  const reportSql = useEffectEvent((shownSql: string | null) => onSql?.(shownSql))
  useEffect(() => {
    reportSql(sql)
    return () => reportSql(null)
  }, [sql])

  const countedRows = counting === 'exact' ? rowCount : plan.rowCount
  const isFiltered = filter !== undefined
  const addressChecks = useMemo(
    () => rowsAddressChecks({ rowCount: countedRows, fields, isFiltered }),
    [countedRows, fields, isFiltered],
  )

  const timeZone = useTimeZone()
  const cell = useMemo(
    () => cellReader(store, { fieldsByKey, timeZone }, state.valuesVersion),
    [store, fieldsByKey, timeZone, state.valuesVersion],
  )

  const rowMark = useMemo(
    () => (showsDeleted && store instanceof RowStore ? deletedRowMarks(store, state.valuesVersion) : undefined),
    [showsDeleted, store, state.valuesVersion],
  )

  const gridSort = useMemo(
    () =>
      sort.status === 'sorted'
        ? { columnKey: String(sort.order.fieldId), isDescending: sort.order.isDescending }
        : null,
    [sort],
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

  /** The value of a cell that rows can be filtered by. */
  const filterValueAt = (row: number, columnKey: string): Value | null | undefined => {
    const field = fieldsByKey.get(columnKey)
    return field && filterableValue(field, store.valueAt(row, field.id))
  }

  const profiledField = profiledKey === null ? undefined : fieldsByKey.get(profiledKey)
  const { search } = state
  const continueSearch = () => store.countRows()
  const stopSearch = () => {
    if (store instanceof RowStore) return
    // A sort needs all rows, so it ends with the search and would start it again.
    if (sort.status === 'running') address.setSort(null)
    store.pauseSearch()
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
          <>
            {plan.deleteFileCount > 0 && filter === undefined && (
              <DeletedRowsSwitch isOn={showsDeleted} onChange={address.setShowsDeleted} />
            )}
            <ExportMenu rows={exportedRows} rowsExport={rowsExport} />
            <ColumnPicker
              fields={fields}
              layout={shownLayout}
              onChange={(part) => changeLayout({ ...shownLayout, ...part })}
              onReset={isDefaultLayout(shownLayout) ? undefined : () => changeLayout(NO_LAYOUT)}
            />
          </>
        }
      >
        <ToolbarRowCount state={state} />
        <GoToRow rowCount={rowCount} onGo={(row) => grid.current?.goToRow(row)} />
      </RowsToolbar>
      {rowsExport.state.kind === 'failed' && (
        <div className={classes.problem}>
          <ProblemNote title="The export failed" error={rowsExport.state.error} subject={name} />
        </div>
      )}
      {showsDeleted && <DeletedRowsNote />}
      <AddressProblems checks={addressChecks} />
      <RowSort
        store={store}
        state={state}
        plan={plan}
        fields={fields}
        sort={address.sort}
        onChange={address.setSort}
        queryHref={sql && paths.query(`${sql}\nlimit ${SORTED_QUERY_ROWS}`)}
      />
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
          readCells={async ({ firstRow, lastRow, columnKeys }) => {
            const rowsBefore = rowNumbering(store.getSnapshot())
            await store.readCells({ firstRow, lastRow, fieldIds: columnKeys.map(Number) })
            return rowNumbering(store.getSnapshot()) === rowsBefore
          }}
          {...(rowMark && { rowMark })}
          layout={shownLayout}
          onLayoutChange={changeLayout}
          sort={gridSort}
          onSortChange={(next) =>
            address.setSort(
              next && { fieldId: Number(next.columnKey), isDescending: next.isDescending, areNullsFirst: false },
            )
          }
          sortProblem={(columnKey) => {
            const field = fieldsByKey.get(columnKey)
            return field && sortProblem(field.type)
          }}
          {...(ColumnProfile && {
            onColumnProfile: (columnKey: string) => {
              setProfiledKey(columnKey)
              // Of two panels next to the grid, little of it would be left.
              if (openRow !== null) address.setOpenRow(null)
            },
          })}
          {...(onFilterColumn && { onColumnFilter: (columnKey) => onFilterColumn(Number(columnKey)) })}
          {...(onFilterValue && {
            cellFilter: {
              isOffered: (row, columnKey) => filterValueAt(row, columnKey) !== undefined,
              apply: (row, columnKey, isExcluded) => {
                const value = filterValueAt(row, columnKey)
                if (value !== undefined) onFilterValue(Number(columnKey), value, isExcluded)
              },
            },
          })}
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
      {openRow === null && profiledField && ColumnProfile && (
        <SidePanelSlot>
          <ColumnProfile
            key={profiledField.id}
            field={profiledField}
            where={filter?.where}
            onClose={() => setProfiledKey(null)}
          />
        </SidePanelSlot>
      )}
      {openRow !== null && (
        <SidePanelSlot>
          <RowDetail
            row={openRow}
            origin={origin}
            deletes={store instanceof RowStore ? store.deletesOf(openRow) : []}
            fields={fields}
            fieldValue={(fieldId) => store.valueAt(openRow, fieldId)}
            onFilter={onFilterValue && ((fieldId, value) => onFilterValue(fieldId, value, false))}
            onClose={() => address.setOpenRow(null)}
          />
        </SidePanelSlot>
      )}
    </>
  )
}

/** The columns that are not hidden, in the order of the grid. */
function shownColumns(fields: readonly NestedField[], layout: ColumnLayout) {
  const hidden = new Set(layout.hidden)
  const shown = arrangeColumns(fields, layout).filter(({ id }) => !hidden.has(String(id)))
  return {
    fields: shown,
    areAllColumns: shown.every(({ id }, i) => id === fields[i]?.id) && shown.length === fields.length,
  }
}

/** Is another text when rows have other numbers. */
function rowNumbering({ moved, sort }: ReadState): string {
  return JSON.stringify([moved.revision, sort.status === 'sorted' ? sort.order : null])
}

/** Reads cells from the store as it is now: `valuesVersion` only makes another function of the same store. */
function cellReader(
  store: Pick<RowStore, 'valueAt'>,
  { fieldsByKey, timeZone }: { fieldsByKey: ReadonlyMap<string, NestedField>; timeZone: string },
  _valuesVersion: number,
) {
  return (row: number, columnKey: string): Cell | undefined => {
    const field = fieldsByKey.get(columnKey)
    const value = field && store.valueAt(row, field.id)
    if (!field || value === undefined) return undefined
    return value instanceof AppError ? failedCell(value) : toCell(field.type, value, timeZone)
  }
}

type NullShares = readonly { fieldId: number; share: number }[]

function nullShareOf({ id }: NestedField, nullShares: NullShares | null | Error | 'loading'): NullShare {
  if (nullShares === 'loading') return nullShares
  if (nullShares instanceof Error) return { unknownBecause: nullShares.message }
  if (nullShares === null) return { unknownBecause: 'the snapshot has too many files to count their nulls' }
  return nullShares.find(({ fieldId }) => fieldId === id)?.share ?? null
}
