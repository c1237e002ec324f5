'use client'
import { Button } from '@mantine/core'
import Link from 'next/link'
import { useEffect, useMemo, useRef } from 'react'
import type { ColumnLayout } from '@/components/ui/grid/column-layout'
import { DataGrid, type GridHandle } from '@/components/ui/grid/data-grid'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { RowStore } from '@/lib/client/rows/row-store'
import type { SignedScanPlan } from '@/lib/contract/table/scan'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { paths } from '@/lib/paths/paths'
import type { ShownVersion } from '@/lib/query/tables/select-from-table'
import { sortProblem } from '@/lib/scan/sort/sort-keys'
import { type NullShares, useGridColumns } from './columns/use-grid-columns'
import { toExportedSort } from './export/exported-rows'
import { useRowsSql } from './export/rows-sql'
import { useSelectedRows } from './export/selected-rows'
import { useRowsExport } from './export/use-rows-export'
import { type FilterByValue, toCellFilter } from './filter/cell-filter'
import type { ColumnFilters } from './filter/column-filter'
import { type ColumnValue, toRowHistoryLink } from './filter/row-identity'
import { GridNotes } from './grid-notes'
import { GridToolbar } from './grid-toolbar'
import { ReadCostFooter } from './read-cost-footer'
import classes from './row-grid.module.css'
import { type ColumnProfile, RowPanels, useOpenPanels } from './row-panels'
import { RowSort } from './row-sort'
import { SearchEmpty } from './search-empty'
import { useRowCells } from './use-row-cells'
import { useRowStore } from './use-row-store'
import { useRowsAddress, useShowsDeleted } from './use-rows-address'
import { useShownLayout } from './use-shown-layout'
import { useVisibleRows } from './use-visible-rows'

const LazyColumnFilter = lazyComponent(async () => (await import('./filter/column-filter')).ColumnFilter)

/** With too many rows to sort here, the first ones answer most questions. */
const SORTED_QUERY_ROWS = 100

type RowGridProps = {
  name: string
  table: TableIdentifier
  /** The version whose rows these are. */
  shown: ShownVersion
  plan: SignedScanPlan
  /** The columns of the grid. */
  fields: readonly NestedField[]
  nullShares: NullShares
  /** How the user arranged the columns; the address has precedence. */
  layout: ColumnLayout
  onLayoutChange: (layout: ColumnLayout) => void
  onExpired: () => void
  /** Called when the first rows were read. */
  onRead: () => void
  /** Renders the details of a row. */
  sidePanel: React.ComponentType<{ children: React.ReactNode }>
  /** Receives the shown rows as SQL, or null if they have none. */
  onSql?: (sql: string | null) => void
  columnProfile?: ColumnProfile
  /** That of the plan, as JSON; another one needs another component. */
  filter?: { where: string; onClear: () => void } | undefined
  /** The filters below the headers, while they are shown. */
  columnFilters?: ColumnFilters | undefined
  /** Opens the editor of a filter. */
  onFilterColumn?: (fieldId: number) => void
  /** Adds to the filter that a column has a value, or has not. */
  onFilterValue?: FilterByValue
  /** Opens the history of the row with these values. */
  onRowHistory?: (values: ColumnValue[]) => void
}

/**
 * The rows of a snapshot. Every row can be reached; only visible rows are read. The component has to be remounted for
 * another snapshot or schema. The position, the open row and the layout of the columns are in the address,
 * so that a copied link shows the same.
 */
export function RowGrid(props: RowGridProps) {
  // Rows have other numbers with deleted ones among them.
  return <NumberedRows key={String(useShowsDeleted())} {...props} />
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
  sidePanel,
  onSql,
  columnProfile,
  filter,
  columnFilters,
  onFilterColumn,
  onFilterValue,
  onRowHistory,
}: RowGridProps) {
  const address = useRowsAddress(plan.rowCount)
  const { openRow } = address
  const where = filter?.where
  // Rows that pass a filter are counted among those, and deleted ones are not searched.
  const showsDeleted = address.showsDeleted && filter === undefined
  const { store, state } = useRowStore(plan, { fields, where, showsDeleted, onExpired })
  const { rowCount, counting, sort, search } = state

  const hasRead = state.elapsedMs !== null
  useEffect(() => {
    if (hasRead) onRead()
  }, [hasRead, onRead])

  const grid = useRef<GridHandle>(null)
  const fieldsByKey = useMemo(() => new Map(fields.map((field) => [String(field.id), field])), [fields])
  const columns = useGridColumns(plan, fields, nullShares)
  const [shownLayout, changeLayout] = useShownLayout({ fields, layout, onLayoutChange, address })
  const cells = useRowCells(store, state, { fieldsByKey, showsDeleted })
  const showRange = useVisibleRows({ store, state, plan, fields, address, grid })
  const panels = useOpenPanels({ store, fieldsByKey, address })
  const gridSort = useMemo(
    () =>
      sort.status === 'sorted'
        ? { columnKey: String(sort.order.fieldId), isDescending: sort.order.isDescending }
        : null,
    [sort],
  )

  const columnFilter = useMemo(
    () =>
      columnFilters &&
      ((columnKey: string) => <LazyColumnFilter fieldId={Number(columnKey)} fields={fields} filters={columnFilters} />),
    [columnFilters, fields],
  )
  const rowsExport = useRowsExport()
  const selectedRows = useSelectedRows({ table, shown, fields, layout: shownLayout, where, order: address.sort })
  const sql = useRowsSql(selectedRows, onSql)
  const isSortShown = sort.status === 'sorted' && JSON.stringify(sort.order) === JSON.stringify(address.sort)
  const sortedRows = isSortShown ? store.sortedRows : null
  const selectedSort = selectedRows.sort
  const exportedRows = {
    ...selectedRows,
    plan,
    rowCount: filter && counting !== 'exact' ? null : rowCount,
    sort: selectedSort && toExportedSort(selectedSort.field, selectedSort.direction, { sortedRows, showsDeleted }),
  }

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
    <EmptyState
      action={
        <Button component={Link} href={paths.table(table, 'snapshots')} variant="default">
          Show snapshots
        </Button>
      }
    >
      This snapshot has no rows. Earlier snapshots may have some.
    </EmptyState>
  )
  const areColumnsHidden = shownLayout.hidden.length === fields.length && fields.length > 0
  // The row of a link is known once it is found.
  const isRowPending = search?.status === 'running' && rowCount <= address.initialTopRow && address.initialTopRow > 0
  return (
    <>
      <GridToolbar
        state={state}
        fields={fields}
        layout={shownLayout}
        onLayoutChange={changeLayout}
        onGoToRow={(row) => grid.current?.goToRow(row)}
        showsDeleted={plan.deleteFileCount > 0 && filter === undefined ? showsDeleted : null}
        onShowDeleted={address.setShowsDeleted}
        exportedRows={exportedRows}
        rowsExport={rowsExport}
      />
      <GridNotes
        name={name}
        store={store}
        state={state}
        plan={plan}
        fields={fields}
        isFiltered={filter !== undefined}
        showsDeleted={showsDeleted}
        exportState={rowsExport.state}
        sort={
          <RowSort
            store={store}
            state={state}
            plan={plan}
            fields={fields}
            sort={address.sort}
            onChange={address.setSort}
            queryHref={sql && paths.query(`${sql}\nlimit ${SORTED_QUERY_ROWS}`)}
          />
        }
      />
      {areColumnsHidden ? (
        <div className={classes.noRows}>
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
      ) : isRowPending ? (
        <div className={classes.noRows}>{empty}</div>
      ) : (
        <DataGrid
          label="Rows"
          rowCount={rowCount}
          isRowCountExact={counting === 'exact'}
          columns={columns}
          {...cells}
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
          {...(columnProfile && { onColumnProfile: panels.openProfile })}
          columnFilter={columnFilter}
          {...(onFilterColumn && { onColumnFilter: (columnKey) => onFilterColumn(Number(columnKey)) })}
          {...(onFilterValue && {
            cellFilter: toCellFilter((row, fieldId) => store.valueAt(row, fieldId), fieldsByKey, onFilterValue),
          })}
          {...(onRowHistory && {
            rowHistory: toRowHistoryLink((row, fieldId) => store.valueAt(row, fieldId), fieldsByKey, {
              identifierFieldIds: plan.schema.identifierFieldIds,
              onOpen: onRowHistory,
            }),
          })}
          onRangeChange={showRange}
          onCellOpen={panels.openValue}
          valuePanel={panels.valuePanel}
          onRowOpen={address.setOpenRow}
          onRowClose={() => address.setOpenRow(null)}
          openRow={openRow}
          initialTopRow={address.initialTopRow}
          handle={grid}
          empty={empty}
        />
      )}
      <ReadCostFooter plan={plan} state={state} onCount={continueSearch} onStop={stopSearch} />
      <RowPanels
        panels={panels}
        store={store}
        fields={fields}
        where={where}
        openRow={openRow}
        onCloseRow={() => address.setOpenRow(null)}
        sidePanel={sidePanel}
        columnProfile={columnProfile}
        onFilterValue={onFilterValue}
      />
    </>
  )
}
