'use client'
import { OpenedValue, type OpenedCell } from '@/components/rows/opened-value'
import { SizeMismatches } from '@/components/rows/size-mismatches'
import { useMemo, useState } from 'react'
import type { GridSort } from '@/components/ui/grid/column-layout'
import { DataGrid } from '@/components/ui/grid/data-grid'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { PageFooter } from '@/components/ui/page-footer'
import type { QueryResult } from '@/lib/query/engine'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity, formatCount } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import { type ResultTable, resultTable } from './result-table'
import classes from './results.module.css'
import { TablesRead } from './tables-read'

/** The result of a query: row count and cost in one line, what it was read from, the grid, and the timings. */
export function Results({ result }: { result: QueryResult }) {
  const timeZone = useTimeZone()
  const table = useMemo(() => resultTable(result, timeZone), [result, timeZone])
  // A sort belongs to its result: a new one has other columns.
  const [chosenSort, setChosenSort] = useState<{ table: ResultTable; sort: GridSort } | null>(null)
  const sort = chosenSort?.table === table ? chosenSort.sort : null
  const { cell, value } = useMemo(() => table.sorted(sort), [table, sort])
  const [opened, setOpened] = useState<OpenedCell | null>(null)
  return (
    <section aria-label="Result" className={classes.results}>
      <header className={classes.head}>
        <h2 className={classes.title}>Results</h2>
        <p className={classes.summary} role="status">
          <span>{formatQuantity(result.rowCount, 'row')}</span>
          <span>{formatDuration(result.timing.totalMs)}</span>
          <span>{readCostText(result)}</span>
          {result.isCut && <span className={classes.cut}>truncated at {formatCount(result.rowCount)} rows</span>}
        </p>
        <TablesRead result={result} timeZone={timeZone} />
      </header>
      {result.isText ? (
        <pre className={classes.text}>{table.text}</pre>
      ) : (
        <DataGrid
          // Other columns start with their own widths and order.
          key={table.columns.map(({ name, typeLabel }) => `${name} ${typeLabel}`).join('\n')}
          label="Results"
          rowCount={result.rowCount}
          columns={table.columns}
          cell={cell}
          sort={sort}
          onSortChange={(next) => setChosenSort({ table, sort: next })}
          sortProblem={table.sortProblem}
          empty={<EmptyState>Query returned no rows.</EmptyState>}
          onCellOpen={(row, columnKey, anchor) => {
            const openedValue = value(row, columnKey)
            if (openedValue) setOpened({ ...openedValue, row, anchor })
          }}
        />
      )}
      <PageFooter>
        <span>{timingText(result)}</span>
        <SizeMismatches mismatches={result.sizeMismatches} />
        {table.hasZonedColumns && (
          <span>Timestamps with time zone are shown in {timeZone}; SQL reads times without an offset as UTC</span>
        )}
      </PageFooter>
      {opened && <OpenedValue cell={opened} onClose={() => setOpened(null)} />}
    </section>
  )
}

function readCostText({ cost, columnsRead, totalColumns }: QueryResult): string {
  if (totalColumns === 0) return 'no tables read'
  const columns = `${formatCount(columnsRead)} of ${formatQuantity(totalColumns, 'column')}`
  if (cost.filesRead > 0)
    return `read ${formatBytes(cost.readBytes)} in ${formatQuantity(cost.filesRead, 'file')}, ${columns}`
  return columnsRead === 0 ? 'metadata only, no files read' : `${columns}, cached`
}

/** The parts that follow each other, which add up to the whole, and the parts of loading, which overlap. */
function timingText({ timing }: QueryResult): string {
  const parts = formatParts([
    ['start', timing.startMs],
    ['plan', timing.planMs],
    ['confirm', timing.confirmMs],
    ['load', timing.loadMs],
    ['run', timing.runMs],
  ])
  const loading = formatParts([
    ['fetch', timing.fetchMs],
    ['decode', timing.decodeMs],
    ['insert', timing.insertMs],
  ])
  const total = parts.length === 1 ? parts.join('') : `${formatDuration(timing.totalMs)} in all: ${parts.join(' + ')}`
  return loading.length === 0 ? total : `${total}; while loading, at the same time: ${loading.join(', ')}`
}

function formatParts(parts: readonly (readonly [name: string, ms: number])[]): string[] {
  return parts.filter(([name, ms]) => ms >= 1 || name === 'run').map(([name, ms]) => `${name} ${formatDuration(ms)}`)
}
