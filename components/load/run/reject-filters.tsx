'use client'
import { Button } from '@mantine/core'
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { RejectFilter } from '@/lib/client/jobs/rejects'
import type { listRejects } from '@/lib/contract/jobs'
import { formatCount, formatQuantity } from '@/lib/format/count'
import type { z } from 'zod'
import classes from './reject-filters.module.css'

const SHOWN_COLUMNS = 5
const ANY_REASON = ''
const OTHER_REASONS = 'others'

type RejectFilterState = {
  filter: RejectFilter
  isFiltered: boolean
  setFilter: (change: RejectFilter) => void
}

/** Which rejects are listed, in the address. */
export function useRejectFilter(): RejectFilterState {
  const [{ column, wholeRows, reason }, setQuery] = useQueryStates(
    {
      column: parseAsString,
      wholeRows: parseAsStringLiteral(['true']),
      reason: parseAsString,
    },
    { history: 'replace' },
  )
  const filter: RejectFilter = {
    ...(wholeRows !== null ? { wholeRows } : column !== null && { column }),
    ...(reason !== null && { reason }),
  }
  return {
    filter,
    isFiltered: Object.keys(filter).length > 0,
    setFilter: (next) =>
      void setQuery({ column: next.column ?? null, wholeRows: next.wholeRows ?? null, reason: next.reason ?? null }),
  }
}

type Counts = Pick<
  z.output<typeof listRejects.output>,
  'countsByColumn' | 'anyColumnCount' | 'countsByReason' | 'anyReasonCount'
>

/** The columns and the reasons of rejects with their counts; nothing if all have one column and one reason. */
export function RejectFilters({ counts, ...state }: { counts: Counts } & RejectFilterState) {
  const { isFiltered } = state
  const hasColumns = isFiltered || counts.countsByColumn.length > 1
  const hasReasons = isFiltered || counts.countsByReason.length > 1
  if (!hasColumns && !hasReasons) return null
  return (
    <div className={classes.filters}>
      {hasColumns && <ColumnFilter counts={counts} {...state} />}
      {hasReasons && <ReasonFilter counts={counts} {...state} />}
    </div>
  )
}

type Choice = { label: string; count: number; filter: Pick<RejectFilter, 'column' | 'wholeRows'> }

function ColumnFilter({
  counts: { countsByColumn, anyColumnCount },
  filter,
  setFilter,
}: { counts: Counts } & RejectFilterState) {
  const isChosen = (choice: Choice['filter']) =>
    choice.column === filter.column && choice.wholeRows === filter.wholeRows
  const ofColumns = countsByColumn.map(
    ({ column, count }): Choice => ({
      label: column ?? 'whole rows',
      count,
      filter: column === null ? { wholeRows: 'true' } : { column },
    }),
  )
  // The chosen column stays in sight, however few rejects of another reason it has.
  const shown = ofColumns.filter((choice, i) => i < SHOWN_COLUMNS || isChosen(choice.filter))
  const hiddenCount = ofColumns.length - shown.length
  const { reason } = filter
  return (
    <div className={classes.columns} role="group" aria-label="Rejected by column">
      {[{ label: 'All', count: anyColumnCount, filter: {} }, ...shown].map(({ label, count, filter: chosen }) => (
        <Button
          key={JSON.stringify(chosen)}
          variant={isChosen(chosen) ? 'light' : 'subtle'}
          aria-pressed={isChosen(chosen)}
          onClick={() => setFilter({ ...chosen, ...(reason !== undefined && { reason }) })}
        >
          <VisibleText>{label}</VisibleText>&nbsp;{formatCount(count)}
        </Button>
      ))}
      {hiddenCount > 0 && (
        <span className="secondary small">{formatQuantity(hiddenCount, 'other column')}, in All</span>
      )}
    </div>
  )
}

function ReasonFilter({
  counts: { countsByReason, anyReasonCount },
  filter: { reason = ANY_REASON, ...ofColumn },
  setFilter,
}: { counts: Counts } & RejectFilterState) {
  const otherCount = anyReasonCount - countsByReason.reduce((sum, { count }) => sum + count, 0)
  const isListed = reason === ANY_REASON || countsByReason.some((one) => one.reason === reason)
  return (
    <LazySelect
      className={classes.reason}
      aria-label="Reason"
      allowDeselect={false}
      value={reason}
      data={[
        { value: ANY_REASON, label: `Any reason, ${formatCount(anyReasonCount)}` },
        ...countsByReason.map((one) => ({ value: one.reason, label: `${one.reason}, ${formatCount(one.count)}` })),
        ...(isListed ? [] : [{ value: reason, label: reason }]),
        ...(otherCount > 0
          ? [
              {
                value: OTHER_REASONS,
                label: `Other reasons, ${formatCount(otherCount)}, in Any reason`,
                disabled: true,
              },
            ]
          : []),
      ]}
      onChange={(value) => setFilter({ ...ofColumn, ...(value !== null && value !== ANY_REASON && { reason: value }) })}
    />
  )
}
