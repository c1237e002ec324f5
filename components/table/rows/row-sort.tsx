import { Anchor, Button, Progress } from '@mantine/core'
import { IconArrowsSort } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import type { ReadState } from '@/lib/client/rows/read-state'
import type { RowStore } from '@/lib/client/rows/row-store'
import { MAX_SORTED_ROWS, MAX_UNASKED_SORT_BYTES, type RowOrder } from '@/lib/client/rows/sort-rows'
import type { SignedScanPlan } from '@/lib/contract/table/scan'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { sortProblem } from '@/lib/scan/sort/sort-keys'
import { AddressNote } from '@/components/ui/notes/address-problems'
import classes from '@/components/ui/notes/note-bar.module.css'
import sortClasses from './row-sort.module.css'
import { RowsStatus } from './rows-toolbar'

type RowSortProps = {
  store: Pick<RowStore, 'sortBy' | 'unsort'>
  state: Pick<ReadState, 'sort' | 'rowCount' | 'search'>
  plan: SignedScanPlan
  fields: readonly NestedField[]
  /** The order in the address. */
  sort: RowOrder | null
  onChange: (sort: RowOrder | null) => void
  /** The address of Query with these rows sorted; null if they have no SQL. */
  queryHref: string | null
}

const NO_COLUMN = 'The address sorts rows by a column that the shown schema does not have.'

/**
 * Sorts the rows by the order in the address, after a confirmation if that reads much, and reports what was sorted: all
 * rows of the snapshot, or all that pass the filter, for which every file is searched first.
 */
export function RowSort({ store, state, plan, fields, sort: requested, onChange, queryHref }: RowSortProps) {
  const field = requested && fields.find(({ id }) => id === requested.fieldId)
  const order = field && sortProblem(field.type) === undefined ? requested : null
  const key = JSON.stringify(order)
  const [confirmedKey, setConfirmedKey] = useState('')
  const { sort, search } = state
  const isSearched = search?.status === 'complete'
  const isTooMany = (search ? state.rowCount : plan.rowCount) > MAX_SORTED_ROWS
  const isAsked = (plan.totalBytes ?? Number.POSITIVE_INFINITY) > MAX_UNASKED_SORT_BYTES
  const mayRead = order !== null && !isTooMany && (!isAsked || confirmedKey === key)
  const isCurrent = sort.status !== 'none' && JSON.stringify(sort.order) === key

  useEffect(() => {
    if (order !== null && mayRead && !isCurrent) void store.sortBy(order)
    if (order === null && sort.status !== 'none') store.unsort()
  })

  if (requested === null) return null
  if (!field || order === null) {
    return (
      <AddressNote action="Clear sort" onAction={() => onChange(null)}>
        {field ? `The address sorts rows by ${field.name}. ${sortProblem(field.type)}.` : NO_COLUMN} These rows are in
        the order of their files.
      </AddressNote>
    )
  }
  const queryLink = queryHref && (
    <Anchor size="xs" href={queryHref}>
      Open in Query
    </Anchor>
  )
  const files = formatQuantity(plan.fileCount, 'file')
  const stop = (label: string) => (
    <Button variant="subtle" size="compact-xs" onClick={() => onChange(null)}>
      {label}
    </Button>
  )
  if (isTooMany) {
    return (
      <p className={classes.bar} role="status">
        {search && !isSearched && 'More than '}
        {formatCount(search ? state.rowCount : plan.rowCount)} rows are not sorted here; the limit is{' '}
        {formatCount(MAX_SORTED_ROWS)}. These are in the order of their files.
        {queryLink}
        {stop('Clear sort')}
      </p>
    )
  }
  if (!isCurrent) {
    return (
      <p className={classes.bar} role="status">
        <span>
          {search && !isSearched ? `Sorting searches up to ${files}, then reads ` : 'Sorting reads '}
          <strong>{field.name}</strong>
          {search && !isSearched ? ' of the matching rows' : ` from ${search ? 'up to ' : ''}${files}`}
          {plan.totalBytes !== null && `, at most ${formatBytes(plan.totalBytes)}`}.
        </span>
        <Button size="compact-xs" onClick={() => setConfirmedKey(key)}>
          Sort
        </Button>
        {queryLink}
        {stop('Clear sort')}
      </p>
    )
  }
  if (sort.status === 'failed') {
    return <ProblemNote error={sort.error} subject={field.name} onRetry={() => void store.sortBy(order)} />
  }
  if (sort.status === 'running') {
    return (
      <RowsStatus>
        <div className={classes.bar} role="status">
          {search && !isSearched ? (
            <>
              <span>
                Sorting by <strong>{field.name}</strong>: {formatCount(search.progress.filesSearched)} of up to {files}{' '}
                searched
              </span>
              <Progress className={classes.progress ?? ''} value={100} animated aria-label="Searching" />
            </>
          ) : (
            <>
              <span>
                Sorting by <strong>{field.name}</strong>: {formatCount(sort.readRows)} of{' '}
                {formatQuantity(state.rowCount, 'row')} read
              </span>
              <Progress
                className={classes.progress ?? ''}
                value={state.rowCount === 0 ? 0 : (100 * sort.readRows) / state.rowCount}
                aria-label="Rows read"
              />
            </>
          )}
          {stop('Cancel')}
        </div>
      </RowsStatus>
    )
  }
  return (
    <RowsStatus>
      <p className={classes.bar} role="status">
        <IconArrowsSort size={14} stroke={1.6} aria-hidden />
        <span className={sortClasses.text}>
          Sorted by <strong>{field.name}</strong> {order.isDescending ? 'descending' : 'ascending'}, nulls{' '}
          {order.areNullsFirst ? 'first' : 'last'}
        </span>
        <span className="row rigid">
          <Button
            variant="subtle"
            size="compact-xs"
            onClick={() => onChange({ ...order, areNullsFirst: !order.areNullsFirst })}
          >
            Nulls {order.areNullsFirst ? 'last' : 'first'}
          </Button>
          {stop('Clear sort')}
        </span>
      </p>
    </RowsStatus>
  )
}
