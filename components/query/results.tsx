'use client'
import { Button } from '@mantine/core'
import { IconDatabasePlus } from '@tabler/icons-react'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { ColumnPicker } from '@/components/table/rows/columns/column-picker'
import { OpenedValue, type OpenedCell } from '@/components/table/rows/detail/opened-value'
import { type PanelValue, toPanelValue } from '@/components/table/rows/detail/panel-value'
import { SizeMismatches } from '@/components/table/rows/size-mismatches'
import { UnreadableBoundsNote } from './unreadable-bounds-note'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { type ColumnLayout, type GridSort, NO_LAYOUT } from '@/components/ui/grid/column-layout'
import { DataGrid, type GridHandle } from '@/components/ui/grid/data-grid'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useNow } from '@/components/ui/values/use-now'
import { useTimeZone, ValueZoneProvider } from '@/components/ui/values/use-time-zone'
import { PageFooter } from '@/components/ui/page-footer'
import type { QueryResult } from '@/lib/query/engine'
import { DEFAULT_DISPLAY, type ResultDisplay, type ResultView } from '@/lib/query/result-display'
import { ENGINE_LABELS, type EngineName } from '@/lib/client/query/engine-names'
import type { ResultStorage } from '@/lib/client/query/query-run'
import type { AppError } from '@/lib/errors'
import { formatQuantity, formatCount } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import { formatNearbyTime, formatTimeOfDay, formatTimeTitle } from '@/lib/format/time'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { ExportMenu } from './export/export-menu'
import { RESULT_ZONE, type ResultTable, resultTable } from './result-table'
import classes from './results.module.css'
import { ReadDetails } from './read-details'
import { asOfLabel } from './as-of/as-of-label'
import { readCostText } from './read-cost-text'
import { storageEndText, storageText } from './storage-text'
import { timingText } from './timing-text'

const LazyResultChart = lazyComponent(async () => (await import('./chart/result-chart')).ResultChart, {
  loading: () => <div aria-busy className={classes.chart} />,
})
const LazyPlanTree = lazyComponent(async () => (await import('./plan/plan-tree')).PlanTree, {
  loading: () => <div aria-busy className={classes.text} />,
})
const LazyResultColumnProfile = lazyComponent(async () => (await import('./result-column-profile')).ResultColumnProfile)
const LazyValuePanel = lazyComponent(
  async () => (await import('@/components/table/rows/detail/value-panel')).ValuePanel,
)
const LazyRowDetail = lazyComponent(async () => (await import('@/components/table/rows/detail/row-detail')).RowDetail)

export type ResultShowing = { display: ResultDisplay; onDisplay: (display: ResultDisplay) => void }
/** Users expect these results to be stored. */
const MISSED_REASONS: readonly string[] = ['too-large', 'no-space', 'no-code']
const VIEWS: readonly { value: ResultView; label: string }[] = [
  { value: 'grid', label: 'Grid' },
  { value: 'chart', label: 'Chart' },
  { value: 'both', label: 'Both' },
]

/**
 * The result of a query: a bar with its row count, cost and sources, and the controls of the grid and the chart below
 * it. Choosing a row in the grid chooses it in the chart, too.
 */
export function Results({
  result,
  storage,
  asOf,
  engine,
  showing,
  onRunAgain,
  onSave,
}: {
  result: QueryResult
  /** Whether this browser has it after a reload; absent while that is unknown. */
  storage?: ResultStorage | undefined
  /** The version that was read, and the one that the query is set to now; null for now. */
  asOf?: { read: AsOf | null; set: AsOf | null } | undefined
  /** Where it ran. */
  engine: EngineName
  /** The view and the chart, if the page stores them. By default they are state of the component. */
  showing?: ResultShowing | undefined
  onRunAgain: () => void
  /** Saves the result as rows of a table; absent where that is impossible. */
  onSave?: (() => void) | undefined
}) {
  const [ownDisplay, setOwnDisplay] = useState(DEFAULT_DISPLAY)
  const { display, onDisplay } = showing ?? { display: ownDisplay, onDisplay: setOwnDisplay }
  const { view } = display
  const timeZone = useTimeZone()
  const nowMs = useNow()
  const storedText = storage ? storageText(storage, nowMs, timeZone) : null
  const costText = readCostText(result)
  const table = useMemo(() => resultTable(result), [result])
  const fields = useMemo(
    () => result.columns.map(({ name, type }, id): NestedField => ({ id, name, type, required: false })),
    [result],
  )
  // Other columns start with their own widths and order.
  const columnsKey = table.columns.map(({ name, typeLabel }) => `${name} ${typeLabel}`).join('\n')
  const [chosenLayout, setChosenLayout] = useState({ columnsKey, layout: NO_LAYOUT })
  const layout = chosenLayout.columnsKey === columnsKey ? chosenLayout.layout : NO_LAYOUT
  const setLayout = (next: ColumnLayout) => setChosenLayout({ columnsKey, layout: next })
  /** The problem of the last export. */
  const [problem, setProblem] = useState<{ result: QueryResult; error: AppError | null } | null>(null)
  return (
    <section aria-label="Result" className={classes.results}>
      <header className={classes.bar}>
        <h2 className={classes.title}>Results</h2>
        <p className={classes.summary} role="status">
          {!result.isText && <span className={classes.fact}>{formatQuantity(result.rowCount, 'row')}</span>}
          <span className={classes.fact} title={timingText(result)}>
            {formatDuration(result.timing.totalMs)}, {ENGINE_LABELS[engine].toLowerCase()}
          </span>
          {result.isTruncated && (
            <span className={`${classes.fact} warn`}>truncated at {formatCount(result.rowCount)} rows</span>
          )}
          {asOf && JSON.stringify(asOf.read) !== JSON.stringify(asOf.set) && (
            <span className={`${classes.fact} warn`}>
              read as of {asOfLabel(asOf.read, timeZone)}, query set to {asOfLabel(asOf.set, timeZone)}
            </span>
          )}
          {storage?.kind === 'refused' && MISSED_REASONS.includes(storage.reason) && (
            <span className={classes.fact} title={storedText ?? undefined}>
              not kept after a reload
            </span>
          )}
          {storage?.kind === 'restored' ? (
            <EarlierNote atMs={storage.atMs} timeZone={timeZone} onRunAgain={onRunAgain}>
              {(time) => (
                <>
                  Result of {time(formatNearbyTime(storage.atMs, nowMs, timeZone))}, kept in this browser until{' '}
                  {storageEndText(storage.atMs, nowMs, timeZone)}
                </>
              )}
            </EarlierNote>
          ) : result.cachedAtMs === undefined ? (
            <span className={classes.cost} title={costText}>
              {costText}
            </span>
          ) : (
            <EarlierNote atMs={result.cachedAtMs} timeZone={timeZone} onRunAgain={onRunAgain}>
              {(time) => <>from {time(formatTimeOfDay(result.cachedAtMs ?? 0, timeZone))}, same snapshots</>}
            </EarlierNote>
          )}
        </p>
        <div className={classes.controls}>
          <ReadDetails result={result} costText={costText} storedText={storedText} timeZone={timeZone} />
          {!result.isText && (
            <>
              <SegmentedChoice
                label="View"
                value={view}
                options={VIEWS}
                onChange={(next) => onDisplay({ ...display, view: next })}
              />
              {view !== 'chart' && (
                <ColumnPicker
                  fields={fields}
                  layout={layout}
                  onChange={(part) => setLayout({ ...layout, ...part })}
                  onReset={layout === NO_LAYOUT ? undefined : () => setLayout(NO_LAYOUT)}
                />
              )}
              {onSave && (
                <Button
                  variant="default"
                  leftSection={<IconDatabasePlus size={15} stroke={1.6} aria-hidden />}
                  onClick={onSave}
                >
                  Save as table…
                </Button>
              )}
              <ExportMenu
                source={{ fields, rowCount: result.rowCount, value: table.valueAt }}
                isTruncated={result.isTruncated}
                onProblem={(error) => setProblem({ result, error })}
              />
            </>
          )}
        </div>
      </header>
      {problem?.result === result && problem.error !== null && (
        <div className={classes.problem}>
          <ProblemNote error={problem.error} />
        </div>
      )}
      {result.plan !== undefined ? (
        <LazyPlanTree plan={result.plan} />
      ) : result.isText ? (
        <pre className={classes.text}>{table.text}</pre>
      ) : (
        <ValueZoneProvider zone={RESULT_ZONE}>
          <ResultViews
            key={columnsKey}
            result={result}
            fields={fields}
            table={table}
            showing={{ display, onDisplay }}
            layout={layout}
            onLayoutChange={setLayout}
          />
        </ValueZoneProvider>
      )}
      {(table.hasInstants || result.sizeMismatches.length > 0 || result.unreadableBounds) && (
        <PageFooter>
          <SizeMismatches mismatches={result.sizeMismatches} />
          {result.unreadableBounds && <UnreadableBoundsNote bounds={result.unreadableBounds} />}
          {table.hasInstants && <span>timestamptz is shown in {RESULT_ZONE}, the zone of SQL</span>}
        </PageFooter>
      )}
    </section>
  )
}

/** The grid, the chart, or both next to each other, and the details of the chosen row. */
function ResultViews({
  result,
  fields,
  table,
  showing: { display, onDisplay },
  layout,
  onLayoutChange,
}: {
  result: QueryResult
  fields: readonly NestedField[]
  table: ResultTable
  showing: ResultShowing
  layout: ColumnLayout
  onLayoutChange: (layout: ColumnLayout) => void
}) {
  const { view } = display
  // The choice belongs to its result: a new one has other rows.
  const [chosenSort, setChosenSort] = useState<{ table: ResultTable; sort: GridSort } | null>(null)
  const [chosenRow, setChosenRow] = useState<{ table: ResultTable; row: number; hasDetails: boolean } | null>(null)
  const [opened, setOpened] = useState<OpenedCell | null>(null)
  /** The index of the column with a profile; its panel is where the details of a row are. */
  const [profiled, setProfiled] = useState<{ table: ResultTable; column: number } | null>(null)
  const [panelCell, setPanelCell] = useState<{ table: ResultTable; row: number; value: PanelValue } | null>(null)
  const grid = useRef<GridHandle>(null)
  const sort = chosenSort?.table === table ? chosenSort.sort : null
  const { cell, value, toResultRow, toGridRow } = useMemo(() => table.sorted(sort), [table, sort])
  const panelValueAt = (row: number, columnKey: string) => {
    const found = value(row, columnKey)
    return found && toPanelValue(found.name, found.type, found.value)
  }
  const shownPanel = panelCell?.table === table && view !== 'chart' ? panelCell : null
  const chosen = chosenRow?.table === table ? chosenRow : null
  const source = useMemo(
    () => ({
      columns: result.columns,
      rowCount: result.rowCount,
      isTruncated: result.isTruncated,
      value: table.valueAt,
      text: (row: number, column: number) => table.cell(row, String(column))?.text ?? '',
    }),
    [result, table],
  )
  const detailRow = chosen?.hasDetails === true && view === 'grid' ? chosen.row : null
  const hadDetails = useRef(false)
  useEffect(() => {
    // Closing the panel loses the focus if it was inside.
    const isFocusLost = document.activeElement === null || document.activeElement === document.body
    if (hadDetails.current && detailRow === null && isFocusLost) grid.current?.focus()
    hadDetails.current = detailRow !== null
  }, [detailRow])
  const areAllHidden = fields.length > 0 && layout.hidden.length === fields.length
  return (
    <div className={classes.body}>
      {view !== 'chart' && (
        <div className={classes.grid}>
          {areAllHidden ? (
            <EmptyState>All columns are hidden. Choose some of them above.</EmptyState>
          ) : (
            <DataGrid
              label="Results"
              rowCount={result.rowCount}
              columns={table.columns}
              cell={cell}
              layout={layout}
              onLayoutChange={onLayoutChange}
              sort={sort}
              onSortChange={(next) => setChosenSort({ table, sort: next })}
              sortProblem={table.sortProblem}
              onColumnProfile={(columnKey) => {
                setChosenRow(null)
                setPanelCell(null)
                setProfiled({ table, column: Number(columnKey) })
              }}
              empty={<EmptyState>Query returned no rows.</EmptyState>}
              onCellOpen={(row, columnKey, anchor) => {
                const openedValue = value(row, columnKey)
                if (openedValue) setOpened({ ...openedValue, row, anchor })
              }}
              valuePanel={{
                isOffered: (row, columnKey) => panelValueAt(row, columnKey) !== null,
                open: (row, columnKey) => {
                  const opening = panelValueAt(row, columnKey)
                  if (opening === null) return
                  setPanelCell({ table, row, value: opening })
                  setChosenRow(null)
                  setProfiled(null)
                },
              }}
              onRowOpen={(row) => {
                setProfiled(null)
                setChosenRow({ table, row: toResultRow(row), hasDetails: true })
                setPanelCell(null)
              }}
              onRowClose={() => setChosenRow(null)}
              openRow={chosen && toGridRow(chosen.row)}
              handle={grid}
            />
          )}
        </div>
      )}
      {view !== 'grid' && (
        <LazyResultChart
          source={source}
          chart={display.chart}
          onChange={(chart) => onDisplay({ ...display, chart })}
          selectedRow={chosen && chosen.row}
          onSelect={(row) => {
            setChosenRow({ table, row, hasDetails: false })
            grid.current?.goToRow(toGridRow(row))
          }}
        />
      )}
      {detailRow !== null && (
        <LazyRowDetail
          row={toGridRow(detailRow)}
          origin={null}
          fields={fields}
          typeText={({ id }) => table.columns[id]?.typeLabel ?? ''}
          fieldValue={(column) => table.valueAt(detailRow, column)}
          onClose={() => setChosenRow(null)}
        />
      )}
      {profiled?.table === table && view !== 'chart' && (
        <LazyResultColumnProfile
          key={profiled.column}
          result={result}
          column={profiled.column}
          onClose={() => setProfiled(null)}
        />
      )}
      {shownPanel && (
        <LazyValuePanel
          key={`${shownPanel.row} ${shownPanel.value.name}`}
          value={shownPanel.value}
          row={shownPanel.row}
          onClose={() => setPanelCell(null)}
        />
      )}
      {opened && <OpenedValue cell={opened} onClose={() => setOpened(null)} />}
    </div>
  )
}

/** Explains that the rows were read earlier. `children` puts its time into the sentence. */
function EarlierNote({
  atMs,
  timeZone,
  onRunAgain,
  children,
}: {
  atMs: number
  timeZone: string
  onRunAgain: () => void
  children: (time: (text: string) => ReactNode) => ReactNode
}) {
  const time = (text: string) => (
    <time dateTime={new Date(atMs).toISOString()} title={formatTimeTitle(atMs, timeZone)}>
      {text}
    </time>
  )
  return (
    <span className={classes.earlier}>
      <span>{children(time)}</span>
      <Button variant="subtle" size="compact-xs" onClick={onRunAgain}>
        Run again
      </Button>
    </span>
  )
}
