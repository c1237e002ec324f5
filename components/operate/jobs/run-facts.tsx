import type { ReactNode } from 'react'
import { ExactTime } from '@/components/ui/values/exact-time'
import { CopyButton } from '@/components/ui/controls/copy-button'
import { type Fact, Facts } from '@/components/ui/values/facts'
import { Mono } from '@/components/ui/values/mono'
import { RelativeTime } from '@/components/ui/values/relative-time'
import type { Run } from '@/lib/contract/jobs'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import classes from './jobs.module.css'
import { kindName } from '@/components/about/kind-name'
import { RunTableLink } from './run-table-link'

/** The facts of a run and its result. */
export function RunFacts({ run }: { run: Run }) {
  const facts: Fact[] = [
    ...(run.table === null ? [] : [['Table', <RunTableLink key="table" run={run} />] as const]),
    ['Kind', kindName(run.kind)],
    ['Requested by', run.scheduleId === null ? run.actor : `${run.actor} (schedule)`],
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

function timeFacts({
  startedAtMs,
  finishedAtMs,
  nextAttemptAtMs,
  startsAtMs,
  runningMs,
  attempt,
  ...run
}: Run): Fact[] {
  const isPlanned = run.state === 'queued' && startsAtMs !== null && nextAttemptAtMs === null
  return [
    ...(isPlanned ? ([['Starts', <ExactTime key="starts" atMs={startsAtMs} />]] as const) : []),
    ...(nextAttemptAtMs === null
      ? []
      : ([['Next attempt', <RelativeTime key="next" atMs={nextAttemptAtMs} />]] as const)),
    ...(startedAtMs === null ? [] : ([['Started', <ExactTime key="started" atMs={startedAtMs} />]] as const)),
    ...(finishedAtMs === null ? [] : ([['Ended', <ExactTime key="ended" atMs={finishedAtMs} />]] as const)),
    ...(finishedAtMs === null || runningMs === null ? [] : ([['Duration', formatDuration(runningMs)]] as const)),
    ...(run.state === 'succeeded' && run.isCancelRequested
      ? ([['Cancelled', 'Too late: the run had already finished.']] as const)
      : []),
    ...(attempt > 1 ? ([['Attempts', formatCount(attempt)]] as const) : []),
  ].map(([name, value]) => [name, value])
}

const OUTCOME_LABELS: Readonly<Record<string, string>> = {
  snapshotId: 'Snapshot',
  rowsRead: 'Rows read',
  rowsCommitted: 'Rows committed',
  rowsRejected: 'Rows rejected',
  rejectsFile: 'Rejected rows in',
  fileCount: 'Files',
  fieldId: 'Column id',
  pageCount: 'Pages',
  encodedBytes: 'Encoded bytes',
  storedBytes: 'Stored bytes',
  filesRewritten: 'Files rewritten',
  rowsRewritten: 'Rows, all the same',
  bytesBefore: 'Bytes before',
  bytesAfter: 'Bytes after',
  filesLeftOut: 'Files left out',
  filesForAnotherRun: 'Files for another run',
  rewriteMs: 'Time to rewrite',
  codecs: 'Codecs',
  filesRemoved: 'Files removed',
  removableBytes: 'Bytes that can be removed',
  checkCount: 'Checks',
  passedCount: 'Checks passed',
  filesLeft: 'Files kept, not owned by the table',
  runs: 'Runs removed',
  sessions: 'Sessions removed',
  answers: 'Responses removed',
}

function outcomeFacts({ outcome }: Run): Fact[] {
  return Object.entries(outcome ?? {})
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [OUTCOME_LABELS[name] ?? toWords(name), outcomeText(name, value)])
}

/** `dataFilesRemoved` as *Data files removed*. */
function toWords(name: string): string {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function outcomeText(name: string, value: string | number | boolean | null): ReactNode {
  if (typeof value === 'number') {
    if (name.endsWith('Ms')) return formatDuration(value)
    return name.endsWith('Bytes') || name.startsWith('bytes') ? formatBytes(value) : formatCount(value)
  }
  return typeof value === 'string' ? <Mono title={value}>{value}</Mono> : String(value)
}
