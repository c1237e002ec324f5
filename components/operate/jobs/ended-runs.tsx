'use client'
import { Unloaded } from '@/components/shell/unloaded'
import { summaryText, warningTexts } from '@/components/about/run-texts'
import { BadgedTables } from '@/components/about/badges-of-page'
import { Button } from '@mantine/core'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { joinedListing } from '@/components/ui/table/listing'
import { useSortInUrl } from '@/components/ui/table/use-sort-in-url'
import { AddressProblems, checkChoice } from '@/components/ui/notes/address-problems'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { endedRunsQuery } from '@/lib/client/jobs/runs'
import type { Run } from '@/lib/contract/jobs'
import { runKindTitle } from '@/lib/contract/run-kinds'
import { formatQuantity } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import classes from './jobs.module.css'
import { RunLink, useRunHref } from './run-link'
import { RunTableLink } from './run-table-link'
import { toRunRefusal } from '@/components/about/run-refusal'
import { isStoppedStep, RunState, stateName } from '@/components/about/run-state'

const ALL = ''
const STATES = ['ended', 'succeeded', 'with-warnings', 'failed', 'cancelled'] as const
const STATE_CHECK = checkChoice('state', STATES, 'All ended runs are listed.')

/** Ended runs, newest first, filtered by the state and kind in the URL. */
export function EndedRuns({ selectedRunId, pollIntervalMs }: { selectedRunId: string | null; pollIntervalMs: number }) {
  const router = useRouter()
  const runHref = useRunHref()
  const sorting = useSortInUrl()
  const [{ state, kind }, setFilter] = useQueryStates({
    state: parseAsStringLiteral(STATES).withDefault('ended'),
    kind: parseAsString,
  })
  const query = useInfiniteQuery({ ...endedRunsQuery({ state, kind }), refetchInterval: pollIntervalMs })
  const { data, hasNextPage } = query
  const kinds = [...new Set([...(data?.kinds ?? []), ...(kind === null ? [] : [kind])])]
  const isFiltered = state !== 'ended' || kind !== null
  return (
    <Panel
      title="Ended"
      subtitle={data && `${formatQuantity(data.runs.length, 'run')}${hasNextPage ? ' so far' : ''}`}
      actions={
        <>
          <LazySelect
            aria-label="Kind"
            w={140}
            allowDeselect={false}
            value={kind ?? ALL}
            data={[
              { value: ALL, label: 'All kinds' },
              ...kinds.map((value) => ({ value, label: runKindTitle(value) })),
            ]}
            onChange={(value) => void setFilter({ kind: value === ALL ? null : value })}
          />
          <SegmentedChoice
            label="State"
            value={state}
            onChange={(value) => void setFilter({ state: value })}
            options={STATES.map((value) => ({
              value,
              label: groupLabel(value),
            }))}
          />
        </>
      }
      flush
    >
      <AddressProblems checks={STATE_CHECK} />
      {data === undefined ? (
        <Unloaded query={query} subject="The list of runs" className="padded" skeleton={[6, 5, 'Reading ended runs']} />
      ) : data.runs.length === 0 && !hasNextPage ? (
        isFiltered ? (
          <EmptyState
            action={
              <Button variant="default" onClick={() => void setFilter({ state: 'ended', kind: null })}>
                Clear filters
              </Button>
            }
          >
            No runs match.
          </EmptyState>
        ) : (
          <EmptyState>No runs have ended yet.</EmptyState>
        )
      ) : (
        <div className={classes.ended}>
          <BadgedTables badges={data.badges}>
            <DataTable
              label="Ended runs"
              columns={selectedRunId === null ? COLUMNS : COLUMNS.filter(({ id }) => !SHOWN_IN_PANEL.has(id))}
              rows={joinedListing(query, data.runs)}
              rowKey={({ id }) => id}
              sorting={sorting}
              onOpen={({ id }) => router.push(runHref(id), { scroll: false })}
              {...(selectedRunId !== null && { selectedKey: selectedRunId })}
            />
          </BadgedTables>
          {hasNextPage && (
            <p className={classes.more}>
              <NextPageButton query={query}>Load older runs</NextPageButton>
            </p>
          )}
        </div>
      )}
    </Panel>
  )
}

/** Columns hidden while a run is open: its panel takes their space and shows the same. */
const SHOWN_IN_PANEL = new Set(['took', 'by'])

const COLUMNS: readonly Column<Run>[] = [
  { id: 'state', header: 'State', sortBy: ({ state }) => state, cell: (run) => <RunState run={run} isShort /> },
  {
    id: 'what',
    header: 'What',
    weight: 'name',
    sortBy: ({ title }) => title,
    cell: ({ id, title }) => <RunLink runId={id}>{title}</RunLink>,
  },
  {
    id: 'table',
    header: 'Table',
    wideOnly: true,
    sortBy: ({ table }) => table && [...table.namespace, table.table].join('.'),
    cell: (run) => <RunTableLink run={run} />,
  },
  { id: 'came', header: 'Result', wideOnly: true, cell: (run) => <RunResult run={run} /> },
  {
    id: 'took',
    header: 'Duration',
    align: 'end',
    wideOnly: true,
    sortBy: ({ durationMs }) => durationMs,
    cell: ({ durationMs }) => (durationMs === null ? 'never started' : formatDuration(durationMs)),
  },
  {
    id: 'ended',
    header: 'Ended',
    align: 'end',
    sortBy: ({ finishedAtMs }) => finishedAtMs,
    cell: ({ finishedAtMs }) => finishedAtMs !== null && <RelativeTime atMs={finishedAtMs} />,
  },
  { id: 'by', header: 'By', align: 'end', wideOnly: true, sortBy: ({ actor }) => actor, cell: ({ actor }) => actor },
]

function RunResult({ run }: { run: Run }) {
  const { kind, error, outcome, warnings } = run
  if (isStoppedStep(run)) return 'Other tables are as they were, unless a later run continued.'
  if (error) {
    const { message } = toRunRefusal(error).error
    return <span title={message}>{message}</span>
  }
  return [summaryText(kind, outcome) ?? [], warningTexts(kind, warnings)].flat().join(', ')
}

function groupLabel(group: (typeof STATES)[number]): string {
  if (group === 'ended') return 'All'
  // Cancelled runs, and paused ones: a run of a change of many tables is paused by cancelling it.
  if (group === 'cancelled') return 'Stopped'
  return group === 'with-warnings' ? 'With warnings' : capitalize(stateName(group))
}

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
