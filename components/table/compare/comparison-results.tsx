'use client'
import { Switch } from '@mantine/core'
import { IconFiles } from '@tabler/icons-react'
import { useRouter } from 'next/navigation'
import { useCallback, useMemo, useState } from 'react'
import { TableSidePanel, useShownTable } from '@/components/table/frame/shown-table'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { DataGrid } from '@/components/ui/grid/data-grid'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { PageFooter } from '@/components/ui/page-footer'
import { Toolbar } from '@/components/ui/toolbar'
import { type Figure, FigureStrip } from '@/components/ui/values/figure-strip'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { Compared } from '@/lib/client/comparison/comparison-worker'
import type { SnapshotComparison } from '@/lib/contract/table/comparison'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import { formatPercent } from '@/lib/format/percent'
import { snapshotPaths } from '@/lib/paths/snapshot-paths'
import { listShownColumns, type ShownColumn } from '@/lib/scan/compare/compared-columns'
import type { ChangeFilter, ComparisonResult } from '@/lib/scan/compare/snapshot-comparison'
import { KIND_COLUMN, rowCondition, toChangedCell, toChangedColumn, toKindCell } from './changed-cell'
import classes from './compare-snapshots.module.css'
import { ExportComparison } from './export-comparison'
import type { CompareAddress } from './use-compare-address'
import type { ComparisonState } from './use-comparison'
import { useChangedRows } from './use-changed-rows'
import { type SidesOfValue, sidesOfValue } from './sides-of-value'
import type { SuggestedKey } from './suggested-key'
import { WhatChanged } from './what-changed'

const LazyChangedValuePanel = lazyComponent(async () => (await import('./changed-value-panel')).ChangedValuePanel)

type ComparisonResultsProps = {
  /** Name of the table. */
  name: string
  state: ComparisonState & { kind: 'compared' }
  keyIds: readonly number[]
  /** A key to offer without one. */
  suggestion: SuggestedKey | null
  /** Whether only rows that pass a filter were compared. */
  isFiltered: boolean
  address: CompareAddress
}

/** The rows that differ between two states of a table, with counts and the changes by column. */
export function ComparisonResults({ name, state, keyIds, suggestion, isFiltered, address }: ComparisonResultsProps) {
  const { plan, compared, worker } = state
  const { result } = compared
  const columns = useMemo(() => listShownColumns(plan.before.schema.fields, plan.after.schema.fields), [plan])
  const { filter, setFilter, showsAllColumns, setShowsAllColumns } = address
  const counts = countsOf(result)
  const hasKey = keyIds.length > 0
  const shownColumns =
    hasKey && !showsAllColumns ? columns.filter((column) => hasChanges(column, keyIds, result)) : columns
  const repeated = result.repeatedKeyCount
  return (
    <>
      <div className={classes.figures} {...{ role: 'group', 'aria-label': 'Figures', tabIndex: 0 }}>
        <FigureStrip label="What changed" figures={toFigures(plan, result)} />
      </div>
      {isFiltered && (
        <p className={classes.scope}>
          Only rows that match these filters are compared. A row that matches in only one of the snapshots counts as
          added or removed.
        </p>
      )}
      {repeated > 0 && (
        <WarningNote>
          {formatQuantity(repeated, 'key')} {repeated === 1 ? 'is' : 'are'} in more than one row. Such rows cannot be
          matched, so they count as removed and added unless they are equal.
        </WarningNote>
      )}
      <Toolbar
        end={
          <>
            {hasKey && (
              <Switch
                label="Only what changed"
                checked={!showsAllColumns}
                onChange={(event) => setShowsAllColumns(!event.currentTarget.checked)}
              />
            )}
            <ExportComparison name={name} worker={worker} columns={columns} filter={filter} rowCount={counts[filter]} />
          </>
        }
      >
        <SegmentedChoice<ChangeFilter>
          label="Rows"
          value={filter}
          options={[
            { value: 'all', label: `All ${formatCount(counts.all)}` },
            ...(hasKey ? [{ value: 'changed' as const, label: `Changed ${formatCount(counts.changed)}` }] : []),
            { value: 'in', label: `Added ${formatCount(counts.in)}` },
            { value: 'out', label: `Removed ${formatCount(counts.out)}` },
          ]}
          onChange={setFilter}
        />
      </Toolbar>
      <div className={classes.results}>
        <ChangedRowsGrid
          key={filter}
          worker={worker}
          filter={filter}
          rowCount={counts[filter]}
          columns={shownColumns}
          keyIds={keyIds}
          result={hasKey ? result : null}
        />
        <WhatChanged
          plan={plan}
          columns={columns}
          result={result}
          hasKey={hasKey}
          suggestion={suggestion}
          address={address}
        />
      </div>
      <ComparisonFooter plan={plan} compared={compared} rowCount={counts[filter]} />
    </>
  )
}

function countsOf({ inCount, outCount, changedCount }: ComparisonResult): Record<ChangeFilter, number> {
  return { all: inCount + outCount + changedCount, in: inCount, out: outCount, changed: changedCount }
}

/** Keys are always shown, and so are columns that only one side has. */
function hasChanges({ fieldId, side }: ShownColumn, keyIds: readonly number[], result: ComparisonResult): boolean {
  return side !== 'both' || keyIds.includes(fieldId) || changedCountOf(result, fieldId) > 0
}

function changedCountOf({ columns }: ComparisonResult, fieldId: number): number {
  return columns.find((column) => column.fieldId === fieldId)?.changedCount ?? 0
}

function toFigures(plan: SnapshotComparison, result: ComparisonResult): Figure[] {
  const { before, after, shared, redeletedFileCount: redeleted } = plan
  const { inCount, outCount, changedCount, sameCount } = result
  const retained = changedCount + sameCount
  const commits = after.commitCount ?? before.commitCount
  const sizes = [before.totalBytes, after.totalBytes]
  const filesOf = ({ differing }: Pick<typeof before, 'differing'>) => formatCount(differing.fileCount - redeleted)
  return [
    { label: 'Rows added', value: <span className={inCount > 0 ? 'added' : undefined}>+{formatCount(inCount)}</span> },
    {
      label: 'Rows removed',
      value: <span className={outCount > 0 ? 'removed' : undefined}>−{formatCount(outCount)}</span>,
    },
    {
      label: 'Rows changed',
      value: <span className={changedCount > 0 ? 'warn' : undefined}>{formatCount(changedCount)}</span>,
      note:
        retained === 0
          ? 'only files that differ were compared'
          : shared.fileCount === 0
            ? `${formatPercent(changedCount / retained)} of ${formatCount(retained)} in both`
            : // Rows of shared files are in both, too, and not counted.
              `${formatCount(sameCount)} unchanged, excluding shared files`,
    },
    {
      label: 'Data files',
      value: `+${filesOf(after)} −${filesOf(before)}`,
      note: `${formatQuantity(shared.fileCount, 'file')} shared${redeleted > 0 ? `, ${formatCount(redeleted)} with other deletes` : ''}`,
    },
    {
      label: 'Bytes',
      value: sizes.includes(null) ? '–' : signedBytes((after.totalBytes ?? 0) - (before.totalBytes ?? 0)),
      note: sizes.map((bytes) => (bytes === null ? 'unknown' : formatBytes(bytes))).join(' → '),
    },
    {
      label: 'Schema',
      value:
        before.schema.schemaId === after.schema.schemaId
          ? String(after.schema.schemaId)
          : `${before.schema.schemaId} → ${after.schema.schemaId}`,
      note: before.schema.schemaId === after.schema.schemaId ? 'the same' : 'changed',
    },
    {
      label: 'Commits between',
      value: commits === null ? '–' : formatCount(commits),
      note:
        commits === null
          ? 'not ancestors'
          : commits === 0 || after.operation === null
            ? ''
            : `latest: ${after.operation}`,
    },
  ]
}

function signedBytes(bytes: number): string {
  return `${bytes < 0 ? '−' : '+'}${formatBytes(Math.abs(bytes))}`
}

function ChangedRowsGrid({
  worker,
  filter,
  rowCount,
  columns,
  keyIds,
  result,
}: {
  worker: (ComparisonState & { kind: 'compared' })['worker']
  filter: ChangeFilter
  rowCount: number
  columns: readonly ShownColumn[]
  keyIds: readonly number[]
  /** Null without a key. */
  result: ComparisonResult | null
}) {
  const { requestRows, rowAt } = useChangedRows(worker, filter, rowCount)
  const { table } = useShownTable()
  const timeZone = useTimeZone()
  const router = useRouter()
  const [panelCell, setPanelCell] = useState<{ row: number; key: string; sides: SidesOfValue } | null>(null)
  const hasKey = keyIds.length > 0
  const openHistory = (row: number) => {
    const keyColumns = keyIds.flatMap(
      (id) => columns.find(({ fieldId, side }) => fieldId === id && side === 'both') ?? [],
    )
    const condition = rowCondition(rowAt(row), keyColumns)
    if (condition !== null) router.push(snapshotPaths.rowHistory(table, condition))
  }
  const byKey = useMemo(() => new Map(columns.map((column) => [column.key, column])), [columns])
  const gridColumns = useMemo(
    () => [
      KIND_COLUMN,
      ...columns.map((column) => toChangedColumn(column, result && changedCountOf(result, column.fieldId))),
    ],
    [columns, result],
  )
  const cell = useCallback(
    (row: number, key: string) => {
      if (key === KIND_COLUMN.key) return toKindCell(rowAt(row), hasKey)
      const column = byKey.get(key)
      return column && toChangedCell(column, rowAt(row), timeZone)
    },
    [byKey, rowAt, hasKey, timeZone],
  )
  const sidesAt = (row: number, key: string) => {
    const column = byKey.get(key)
    return column === undefined ? null : sidesOfValue(column, rowAt(row))
  }
  return (
    <>
      <DataGrid
        label="Rows that differ"
        rowCount={rowCount}
        columns={gridColumns}
        cell={cell}
        onCellOpen={openHistory}
        valuePanel={{
          isOffered: (row, key) => sidesAt(row, key) !== null,
          open: (row, key) => {
            const sides = sidesAt(row, key)
            if (sides !== null) setPanelCell({ row, key, sides })
          },
        }}
        onRangeChange={({ firstRow, lastRow }) => requestRows(firstRow, lastRow)}
        empty={
          <EmptyState>
            {filter === 'all'
              ? 'Both snapshots have the same rows.'
              : 'No rows of this kind. Choose All to see others.'}
          </EmptyState>
        }
      />
      {panelCell && (
        <TableSidePanel>
          <LazyChangedValuePanel
            key={`${panelCell.row} ${panelCell.key}`}
            sides={panelCell.sides}
            row={panelCell.row}
            onClose={() => setPanelCell(null)}
          />
        </TableSidePanel>
      )}
    </>
  )
}

function ComparisonFooter({
  plan: { before, after, shared },
  compared: { cost, elapsedMs, result },
  rowCount,
}: {
  plan: SnapshotComparison
  compared: Compared
  rowCount: number
}) {
  // Files that both have count once.
  const fileCount = before.fileCount + after.differing.fileCount
  const totalBytes = before.totalBytes === null ? null : before.totalBytes + after.differing.bytes
  return (
    <PageFooter>
      <span className="inline-row gap-6">
        <IconFiles size={14} stroke={1.6} aria-hidden />
        <strong>
          {formatCount(cost.filesRead)} of {formatQuantity(fileCount, 'file')}
        </strong>{' '}
        read
      </span>
      <span>
        {formatBytes(cost.bytesRead)}
        {totalBytes !== null && ` of ${formatBytes(totalBytes)}`}
      </span>
      {shared.fileCount > 0 && <span>{formatQuantity(shared.fileCount, 'shared file')} skipped</span>}
      <span>
        {formatCount(rowCount)} of {formatQuantity(countsOf(result).all, 'row')}
      </span>
      <span>{formatDuration(elapsedMs)}</span>
    </PageFooter>
  )
}
