'use client'
import { Button } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { useState } from 'react'
import { BulkChangeText } from '@/components/changes/tray/bulk-change-text'
import { RunProgress } from '@/components/operate/jobs/run-progress'
import { RunState } from '@/components/operate/jobs/run-state'
import { Unloaded } from '@/components/shell/unloaded'
import { FilterField } from '@/components/ui/controls/filter-field'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { Toolbar } from '@/components/ui/toolbar'
import { TYPING_PAUSE_MS } from '@/components/ui/typing-pause'
import { ExactTime } from '@/components/ui/values/exact-time'
import { VisibleText } from '@/components/ui/values/visible-text'
import { bulkChangeTarget } from '@/lib/changes/intents/bulk-change'
import { type BulkChangeIdentifier, bulkChangeQuery, bulkChangeTablesQuery } from '@/lib/client/bulk-changes'
import type { TableSelection } from '@/lib/contract/bulk-changes'
import { BULK_TABLE_STATES, type BulkTableState } from '@/lib/contract/bulk-table-states'
import type { Run } from '@/lib/contract/jobs'
import { AppError } from '@/lib/errors'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { namespaceLabel } from '@/lib/names/identifiers'
import { BulkChangeFooter } from './bulk-change-footer'
import { BulkChangeTables } from './bulk-change-tables'
import { type BulkCounts, presentStates, STATE_LABELS, totalOf } from './bulk-states'
import classes from './bulk-change.module.css'

const STATE_PARSER = parseAsStringLiteral(BULK_TABLE_STATES)

/** A change of many tables: its runs, what it sets, the result for each table, and the next step. */
export function BulkChangePage({ on }: { on: BulkChangeIdentifier }) {
  const [state, setState] = useQueryState('state', STATE_PARSER)
  const [search, setSearch] = useState('')
  const [typed] = useDebouncedValue(search, TYPING_PAUSE_MS)
  const query = useQuery(bulkChangeQuery(on))
  const isOpen = query.data?.run?.finishedAtMs === null
  const list = useInfiniteQuery(bulkChangeTablesQuery(on, { state, search: typed.trim() }, isOpen))
  const { data } = query
  if (data === undefined) {
    const skeleton = [12, 4, 'Reading the change'] as const
    return <Unloaded query={query} subject="The change of many tables" skeleton={skeleton} />
  }
  const { counts, run, selection, changes, startedBy, startedAtMs } = data
  const total = totalOf(counts)
  const tables = list.data?.pages.flatMap((page) => page.tables) ?? []
  const foundCount = list.data?.pages[0]?.totalCount ?? 0
  return (
    <section className={classes.page} aria-label="Change of many tables">
      <header className={classes.head}>
        <h1>Change of {formatQuantity(total, 'table')}</h1>
        {run && <RunState run={run} />}
        <span className="quiet small">
          by {startedBy}, started <ExactTime atMs={startedAtMs} />
        </span>
      </header>
      <div className={classes.about}>
        <ul className={classes.chips} aria-label="Selection">
          {selectionTexts(on.catalog, selection).map((text) => (
            <li key={text}>
              <VisibleText>{text}</VisibleText>
            </li>
          ))}
        </ul>
        <ul className={classes.chips} aria-label="Changes">
          {changes.map((change) => (
            <li key={bulkChangeTarget(change)}>
              <BulkChangeText change={change} />
            </li>
          ))}
        </ul>
        {run?.state === 'running' && <RunProgress run={run} />}
        {run && <RunProblem run={run} />}
      </div>
      <Toolbar>
        <FilterField label="Filter by name" value={search} onChange={setSearch} hasSlashShortcut width={200} />
        <StateFilter counts={counts} state={state} onChange={(next) => void setState(next)} />
        <NextPageButton query={list}>
          {formatCount(tables.length)} of {formatQuantity(foundCount, 'table')} listed. List more
        </NextPageButton>
      </Toolbar>
      {list.data === undefined ? (
        <Unloaded query={list} subject="The list of tables" skeleton={[12, 4, 'Reading the tables']} />
      ) : tables.length === 0 ? (
        <EmptyState>No table has this result and name.</EmptyState>
      ) : (
        <div className={classes.tables}>
          <BulkChangeTables catalog={on.catalog} tables={tables} />
        </div>
      )}
      <BulkChangeFooter on={on} bulkChange={data} />
    </section>
  )
}

type StateFilterProps = {
  counts: BulkCounts
  /** Null: all of them. */
  state: BulkTableState | null
  onChange: (state: BulkTableState | null) => void
}

/** The results that tables have, with their counts: each lists its tables. */
function StateFilter({ counts, state, onChange }: StateFilterProps) {
  const present = presentStates(counts)
  const shown = state === null || present.includes(state) ? present : [...present, state]
  return (
    <div role="group" aria-label="Result" className="flow gap-4">
      {[null, ...shown].map((one) => (
        <Button
          key={one}
          size="compact-sm"
          variant={one === state ? 'filled' : 'default'}
          aria-pressed={one === state}
          onClick={() => onChange(one)}
        >
          {one === null ? `all ${formatCount(totalOf(counts))}` : `${STATE_LABELS[one]} ${formatCount(counts[one])}`}
        </Button>
      ))}
    </div>
  )
}

function RunProblem({ run: { state, error } }: { run: Run }) {
  if (error === null || state === 'cancelled') return null
  return (
    <ProblemNote
      error={new AppError(error.code, error.detail, { facts: { ...error.facts } })}
      unchanged="Tables that were already changed stay changed."
      outcome="Tables that were already changed stay changed."
      next={
        state === 'queued'
          ? 'The run will be retried automatically.'
          : 'Look at the tables that failed. Another run continues with the tables that are left.'
      }
    />
  )
}

/** The conditions that gave the list, as a user reads them. */
function selectionTexts(catalog: string, { namespace, depth, search, owner, tag, property }: TableSelection): string[] {
  const label = namespace && namespaceLabel(namespace)
  return [
    label === undefined
      ? `in ${catalog}`
      : `in ${catalog} / ${label}${depth === 'direct' ? '' : ' and namespaces in it'}`,
    ...(search ? [`name contains ${search}`] : []),
    ...(owner ? [`owner = ${owner}`] : []),
    ...(tag ? [`tag = ${tag}`] : []),
    ...(property ? [property] : []),
  ]
}
