'use client'
import { toListing } from '@/components/ui/table/listing'
import { Button } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { type ReactNode, useRef, useState } from 'react'
import { RunProgress } from '@/components/operate/jobs/run-progress'
import { Unloaded } from '@/components/shell/unloaded'
import { FilterField } from '@/components/ui/controls/filter-field'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { AddressProblems, checkChoice } from '@/components/ui/notes/address-problems'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { Panel } from '@/components/ui/panel'
import { Toolbar } from '@/components/ui/toolbar'
import { useSettled } from '@/components/ui/use-settled'
import { ExactTime } from '@/components/ui/values/exact-time'
import { FigureStrip } from '@/components/ui/values/figure-strip'
import { VisibleText } from '@/components/ui/values/visible-text'
import { type BulkChangeIdentifier, bulkChangeQuery, bulkChangeTablesQuery } from '@/lib/client/bulk-changes'
import { BULK_TABLE_STATES, type BulkTableState } from '@/lib/contract/bulk-table-states'
import type { Run } from '@/lib/contract/jobs'
import { AppError } from '@/lib/errors'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { BulkBar } from './bulk-bar'
import { BulkChangeHead } from './bulk-change-head'
import { BulkChangeTables } from './bulk-change-tables'
import { bulkFigures } from './bulk-figures'
import { type BulkCounts, countLeft, presentStates, STATE_LABELS, totalOf } from './bulk-states'
import { selectionTexts } from './bulk-texts'
import { ChangesPanel } from './changes-panel'
import { type BulkChangeDetail, NextStep } from './next-step'
import { UndoPanel } from './undo-panel'
import { useReachableScroll } from '@/components/ui/use-reachable-scroll'
import classes from './bulk-change.module.css'

const STATE_PARSER = parseAsStringLiteral(BULK_TABLE_STATES)
const STATE_CHECK = checkChoice('state', BULK_TABLE_STATES, 'All tables are listed.', 'not a result')

/** A change of many tables: its runs, what it sets, the result for each table, and the next step. */
export function BulkChangePage({ on }: { on: BulkChangeIdentifier }) {
  const query = useQuery(bulkChangeQuery(on))
  const { data } = query
  if (data === undefined) {
    const skeleton = [12, 4, 'Reading the change'] as const
    return <Unloaded query={query} subject="The change of many tables" skeleton={skeleton} />
  }
  const { run, counts } = data
  const isOpen = run?.finishedAtMs === null
  return (
    <section className={classes.page} aria-label="Change of many tables">
      <BulkChangeHead on={on} bulkChange={data} />
      <div className={classes.about}>
        <ul className={classes.chips} aria-label="Selection">
          {selectionTexts(on.catalog, data.selection).map((text) => (
            <li key={text}>
              <VisibleText>{text}</VisibleText>
            </li>
          ))}
          <li className={classes.plain}>
            {formatQuantity(totalOf(counts), 'table')}, as of <ExactTime atMs={data.startedAtMs} />
          </li>
        </ul>
        <BulkBar namespaces={data.namespaces} counts={counts} />
        {run?.state === 'running' && <RunProgress run={run} />}
        {run && <RunFailure run={run} />}
        <FigureStrip label="Results" figures={bulkFigures(data)} />
      </div>
      <div className={classes.body}>
        <TableList on={on} bulkChange={data} isOpen={isOpen} />
        <Side>
          <ChangesPanel on={on} bulkChange={data} />
          <UndoPanel on={on} bulkChange={data} />
          <HowItRuns bulkChange={data} />
        </Side>
      </div>
      {!isOpen && <NextStep on={on} bulkChange={data} />}
    </section>
  )
}

/** The description of a change, next to its tables. In a low window it scrolls, also by the keyboard. */
function Side({ children }: { children: ReactNode }) {
  const region = useRef<HTMLDivElement>(null)
  const tabIndex = useReachableScroll(region)
  return (
    <div ref={region} className={classes.side} tabIndex={tabIndex}>
      {children}
    </div>
  )
}

type TableListProps = { on: BulkChangeIdentifier; bulkChange: BulkChangeDetail; isOpen: boolean }

/** The tables with their results, filtered on the server. */
function TableList({ on, bulkChange: { counts, changes }, isOpen }: TableListProps) {
  const [state, setState] = useQueryState('state', STATE_PARSER)
  const [search, setSearch] = useState('')
  const typed = useSettled(search)
  const list = useInfiniteQuery(bulkChangeTablesQuery(on, { state, search: typed.trim() }, isOpen))
  const { rows: tables } = toListing(list, (page) => page.tables)
  const foundCount = list.data?.pages[0]?.totalCount ?? 0
  return (
    <div className={classes.tables}>
      <Toolbar>
        <FilterField label="Filter by name" value={search} onChange={setSearch} hasSlashShortcut width={200} />
        <StateFilter counts={counts} state={state} onChange={(next) => void setState(next)} />
        <NextPageButton query={list}>
          {formatCount(tables.length)} of {formatQuantity(foundCount, 'table')} listed. List more
        </NextPageButton>
      </Toolbar>
      <AddressProblems checks={STATE_CHECK} />
      {list.data === undefined ? (
        <Unloaded query={list} subject="The list of tables" skeleton={[12, 4, 'Reading the tables']} />
      ) : tables.length === 0 ? (
        <EmptyState>No table has this result and name.</EmptyState>
      ) : (
        <BulkChangeTables catalog={on.catalog} changes={changes} tables={tables} />
      )}
    </div>
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

function HowItRuns({ bulkChange: { startedBy, counts, step, run } }: { bulkChange: BulkChangeDetail }) {
  const toGo = step === null || run?.finishedAtMs !== null ? 0 : countLeft(counts, step)
  return (
    <Panel title="How it runs">
      <ul className={classes.notes}>
        <li>
          A table is one commit, changed whole or not at all. Pause and Stop finish the tables under way. Stop leaves{' '}
          {toGo > 0 ? <>the {formatQuantity(toGo, 'table')} to go</> : 'all others'} as they are.
        </li>
        <li>A run goes on without this page, and after a restart of the server.</li>
        <li>
          Each table is checked again when its turn comes: its state, policies, and the permissions of {startedBy}.
        </li>
        <li>The list is fixed: tables that meet the conditions later are not added.</li>
        <li>A run that writes stops after 20 failures in a row. The audit has one entry of it, with the counts.</li>
      </ul>
    </Panel>
  )
}

function RunFailure({ run: { state, error } }: { run: Run }) {
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
