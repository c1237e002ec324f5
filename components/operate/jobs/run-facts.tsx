import Link from 'next/link'
import type { ReactNode } from 'react'
import { ExactTime } from '@/components/ui/values/exact-time'
import { CopyButton } from '@/components/ui/controls/copy-button'
import { type Fact, Facts } from '@/components/ui/values/facts'
import { Mono } from '@/components/ui/values/mono'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { ScheduleName } from '@/components/about/schedules/schedule-name'
import { undoText } from '@/components/about/run-texts'
import type { Run, UndoLink } from '@/lib/contract/jobs'
import { findRunKind, type OutcomeFormat, runKindTitle } from '@/lib/contract/run-kinds'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import { paths } from '@/lib/paths/paths'
import classes from './jobs.module.css'
import { RunLink } from './run-link'
import { stateName } from '@/components/about/run-state'
import { RunTableLink } from './run-table-link'

/** The facts of a run and its result. */
export function RunFacts({ run, undoes, undoneBy }: { run: Run; undoes: UndoLink | null; undoneBy: UndoLink | null }) {
  const facts: Fact[] = [
    ...(run.table === null ? [] : [['Table', <RunTableLink key="table" run={run} />] as const]),
    ...(run.bulkChange === null
      ? []
      : [
          [
            'Tables',
            <Link key="tables" href={paths.bulkChange(run.bulkChange.catalog, run.bulkChange.bulkChangeId)}>
              The list, with the result for each
            </Link>,
          ] as const,
        ]),
    ...(undoes === null
      ? []
      : [
          [
            'Undoes',
            <RunLink key="undoes" runId={undoes.id}>
              {undoes.title}
            </RunLink>,
          ] as const,
        ]),
    ...(undoneBy === null
      ? []
      : [
          [
            'Undo',
            <RunLink key="undo" runId={undoneBy.id}>
              {undoneByText(undoneBy)}
            </RunLink>,
          ] as const,
        ]),
    ['Kind', runKindTitle(run.kind)],
    ['Requested by', run.scheduleId === null ? run.actor : `${run.actor} (schedule)`],
    ...(run.scheduleId === null ? [] : [['Schedule', <ScheduleName key="schedule" id={run.scheduleId} />] as const]),
    ['Requested', <ExactTime key="requested" atMs={run.createdAtMs} />],
    ...timeFacts(run),
    ...outcomeFacts(run),
    [
      'Run',
      <span key="run" className={classes.id}>
        <Mono>{run.id}</Mono>
        <CopyButton value={run.id} label="run id" size={24} />
      </span>,
    ],
  ]
  return <Facts facts={facts} isInSidePanel />
}

/** The result of the undo, or its state while there is none. */
function undoneByText({ state, outcome }: UndoLink): string {
  const countOf = (name: string) => {
    const value = outcome?.[name]
    return typeof value === 'number' ? value : 0
  }
  const undoneCount = countOf('undoneCount')
  return state === 'succeeded' ? undoText(undoneCount, undoneCount + countOf('notUndoneCount')) : stateName(state)
}

function timeFacts({
  startedAtMs,
  finishedAtMs,
  nextAttemptAtMs,
  scheduledForMs,
  awaitedUploads,
  durationMs,
  attempt,
  ...run
}: Run): Fact[] {
  const isPlanned = run.state === 'queued' && scheduledForMs !== null && nextAttemptAtMs === null
  return [
    ...(awaitedUploads > 0 ? ([['Waits for', `the bytes of ${formatQuantity(awaitedUploads, 'file')}`]] as const) : []),
    ...(isPlanned ? ([['Starts', <ExactTime key="starts" atMs={scheduledForMs} />]] as const) : []),
    ...(nextAttemptAtMs === null
      ? []
      : ([['Next attempt', <RelativeTime key="next" atMs={nextAttemptAtMs} />]] as const)),
    ...(startedAtMs === null ? [] : ([['Started', <ExactTime key="started" atMs={startedAtMs} />]] as const)),
    ...(finishedAtMs === null ? [] : ([['Ended', <ExactTime key="ended" atMs={finishedAtMs} />]] as const)),
    ...(finishedAtMs === null || durationMs === null ? [] : ([['Duration', formatDuration(durationMs)]] as const)),
    ...(run.state === 'succeeded' && run.isCancelRequested
      ? ([['Cancelled', 'Too late: the run had already finished.']] as const)
      : []),
    ...(attempt > 1 ? ([['Attempts', formatCount(attempt)]] as const) : []),
  ].map(([name, value]) => [name, value])
}

/** The fields of the outcome that the kind describes, in its order. */
function outcomeFacts({ kind, outcome }: Run): Fact[] {
  return Object.entries(findRunKind(kind)?.outcome ?? {}).flatMap(([name, { label, format }]) => {
    const value = outcome?.[name] ?? null
    return value === null ? [] : [[label, outcomeText(format, value)] as const]
  })
}

function outcomeText(format: OutcomeFormat, value: string | number | boolean): ReactNode {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (format === 'run') return <RunLink runId={String(value)}>{String(value)}</RunLink>
  if (typeof value === 'string') return <Mono title={value}>{value}</Mono>
  if (format === 'duration') return formatDuration(value)
  if (format === 'bytes') return formatBytes(value)
  return format === 'count' ? formatCount(value) : String(value)
}
