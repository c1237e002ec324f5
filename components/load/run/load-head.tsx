import {
  IconArrowRight,
  IconCheck,
  IconCircleDashed,
  IconFile,
  IconGitBranch,
  IconProgress,
  IconTable,
  IconX,
  type TablerIcon,
} from '@tabler/icons-react'
import { TableLink } from '@/components/about/table-link'
import { doneText } from '@/components/about/run-texts'
import { type Figure, FigureStrip } from '@/components/ui/values/figure-strip'
import { ProgressBar } from '@/components/ui/values/progress-bar'
import { Unknown } from '@/components/ui/values/unknown'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { PastLoad } from '@/lib/client/jobs/past-load'
import { doneShare } from '@/lib/contract/run-kinds'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import { formatPercent } from '@/lib/format/percent'
import { formatRatioToOne } from '@/lib/format/ratio'
import { shareText } from '@/lib/ingest/reject-limit'
import {
  estimateRowCount,
  estimateTimeLeftMs,
  type LoadCounts,
  type StepState,
  toLoadCounts,
  toLoadSteps,
} from './load-progress'
import type { TableLoad } from './table-load'
import classes from './load-run.module.css'
import { type RateSample, toRates } from './rate-samples'

const STEP_ICONS: Readonly<Record<StepState, TablerIcon>> = {
  done: IconCheck,
  current: IconProgress,
  stopped: IconX,
  open: IconCircleDashed,
}
const STEP_WORDS: Readonly<Record<StepState, string>> = {
  done: 'done',
  current: 'in progress',
  stopped: 'stopped here',
  open: 'not yet',
}

type LoadHeadProps = { run: TableLoad; past: PastLoad | undefined; samples: readonly RateSample[] }

/** From the files to the branch, how far they are, and the figures in one strip. */
export function LoadHead({ run, past, samples }: LoadHeadProps) {
  const { progress } = run
  const share = run.state === 'succeeded' ? 1 : doneShare(progress)
  const done = progress === null ? null : doneText(progress)
  return (
    <section className={classes.head} aria-label="Progress">
      <div className={classes.top}>
        <span className={classes.route}>
          <IconFile size={15} stroke={1.6} aria-hidden />
          <FileNames run={run} past={past} />
          <IconArrowRight size={14} stroke={1.6} aria-label="to" />
          <IconTable size={15} stroke={1.6} aria-hidden />
          <b>
            <TableLink table={run.table} />
          </b>
          {past && (
            <>
              <IconGitBranch size={15} stroke={1.6} aria-label="branch" />
              <VisibleText>{past.landing.branch ?? 'main'}</VisibleText>
            </>
          )}
        </span>
        <ol className={classes.steps} aria-label="Steps">
          {toLoadSteps(run, past === undefined ? null : past.landing.operation === 'upsert').map(({ label, state }) => {
            const Icon = STEP_ICONS[state]
            return (
              <li key={label} data-state={state} {...(state === 'current' && { 'aria-current': 'step' })}>
                <Icon size={14} stroke={1.6} aria-hidden />
                {label}
                <span className="sr-only">, {STEP_WORDS[state]}</span>
              </li>
            )
          })}
        </ol>
        <span className={classes.done}>
          {share !== null && <b>{formatPercent(share)} read</b>} {done}
        </span>
      </div>
      <div className={classes.bar}>
        <ProgressBar
          label={run.title}
          share={share}
          valueText={share === null ? 'not known' : `${Math.round(share * 100)}%`}
        />
      </div>
      <FigureStrip label="Figures" figures={toFigures({ run, past, samples })} />
    </section>
  )
}

/** Users who may not write the table know the first name only, as the list of runs has it. */
function FileNames({ run, past }: Pick<LoadHeadProps, 'run' | 'past'>) {
  const [first, ...others] = past?.files ?? []
  if (first === undefined) return <VisibleText>{run.title.replace(/^Load /, '')}</VisibleText>
  return (
    <span title={past?.files.map(({ name }) => name).join('\n')} className="breakable">
      <code>
        <VisibleText>{first.name}</VisibleText>
      </code>
      {others.length > 0 && ` and ${formatQuantity(others.length, 'other file')}`}
    </span>
  )
}

function toFigures({ run, past, samples }: LoadHeadProps): Figure[] {
  const counts = toLoadCounts(run)
  return [
    acceptedFigure(run, counts),
    rejectedFigure(counts, past),
    rateFigure(run, counts, samples),
    timeFigure(run),
    filesFigure(run, counts),
    sizeFigure(counts),
  ]
}

const ACCEPTED_LABELS: Readonly<Record<TableLoad['state'], string>> = {
  queued: 'Rows accepted',
  running: 'Rows accepted',
  succeeded: 'Rows committed',
  failed: 'Rows that fit',
  cancelled: 'Rows that fit',
}

function acceptedFigure(run: TableLoad, { rowsAccepted, rowsRead, rowsReadEstimate }: LoadCounts): Figure {
  const total = estimateRowCount(run)
  if (rowsReadEstimate !== null)
    return {
      label: 'Rows read',
      value: `≈ ${formatCount(rowsReadEstimate)}`,
      note: total === null ? '' : `of ≈ ${formatCount(total)}`,
      title: 'From the share of the bytes that was read: rows are counted when a file has been read.',
    }
  const note = total === null ? `of ${formatCount(rowsRead)} read` : `of ≈ ${formatCount(total)}`
  return {
    label: ACCEPTED_LABELS[run.state],
    value: formatCount(rowsAccepted),
    note,
    ...(total !== null && { title: 'The total is estimated from the share of the bytes that was read.' }),
  }
}

function rejectedFigure({ rowsRejected, rowsRead }: LoadCounts, past: PastLoad | undefined): Figure {
  const share = rowsRead === 0 ? 0 : rowsRejected / rowsRead
  return {
    label: 'Rejected',
    value: <span className={rowsRejected > 0 ? 'warn' : 'quiet'}>{formatCount(rowsRejected)}</span>,
    note: [
      ...(rowsRejected === 0 ? [] : [formatPercent(share)]),
      ...(past === undefined ? [] : [limitText(past)]),
    ].join(', '),
  }
}

function limitText({ maxRejectedRows, maxRejectedShare }: PastLoad): string {
  const limits = [
    ...(maxRejectedRows === Number.MAX_SAFE_INTEGER ? [] : [formatCount(maxRejectedRows)]),
    ...(maxRejectedShare === undefined ? [] : [shareText(maxRejectedShare)]),
  ]
  if (maxRejectedRows === 0) return 'none allowed'
  return limits.length === 0 ? 'any number allowed' : `stops above ${limits.join(' or ')}`
}

/** No rate is shown before this: it would not mean anything yet. */
const MIN_RATE_MS = 1_000

function rateFigure(
  run: TableLoad,
  { rowsRead, rowsReadEstimate }: LoadCounts,
  samples: readonly RateSample[],
): Figure {
  const { durationMs, progress, state } = run
  const isEnded = state !== 'running' && state !== 'queued'
  const isUnread = progress === null && rowsRead === 0
  if (durationMs === null || isUnread || (state === 'running' && durationMs < MIN_RATE_MS))
    return {
      label: 'Rate',
      value: <Unknown reason={isEnded ? 'nothing was read' : 'nothing was read yet'} />,
      note: '',
    }
  const seconds = Math.max(1, durationMs) / 1000
  const newest = state === 'running' ? toRates(samples).findLast(({ rowsPerSecond }) => rowsPerSecond > 0) : undefined
  const rate = newest?.rowsPerSecond ?? (rowsReadEstimate ?? rowsRead) / seconds
  return {
    label: newest === undefined ? 'Average rate' : 'Rate',
    value:
      rate === 0 ? (
        <Unknown reason="rows are counted when they are written" />
      ) : (
        `${rowsReadEstimate === null ? '' : '≈ '}${formatQuantity(Math.round(rate), 'row')}/s`
      ),
    note: progress === null || progress.done === 0 ? '' : `${formatBytes(progress.done / seconds)}/s of input`,
  }
}

function timeFigure(run: TableLoad): Figure {
  const { durationMs, finishedAtMs, attempt } = run
  if (durationMs === null) return { label: 'Time', value: <Unknown reason="it has not started" />, note: '' }
  // An attempt begins again with the first row, and the pauses between attempts are not work.
  const isRepeated = attempt > 1
  if (finishedAtMs !== null) {
    const value = formatDuration(durationMs)
    return isRepeated
      ? { label: 'Time', value, note: `of attempt ${attempt}` }
      : { label: 'Total time', value, note: 'from start to end' }
  }
  const leftMs = estimateTimeLeftMs(run)
  return {
    label: 'Time left',
    value: leftMs === null ? <Unknown reason="too little is known" /> : `≈ ${formatDuration(leftMs)}`,
    note: `${formatDuration(durationMs)} so far${isRepeated ? ` in attempt ${attempt}` : ''}`,
    ...(leftMs !== null && { title: 'For the rest of the input, at the rate so far.' }),
  }
}

function filesFigure({ state }: TableLoad, { fileCount, storedBytes }: LoadCounts): Figure {
  return {
    label: state === 'succeeded' ? 'Data files' : 'Files written',
    value: formatCount(fileCount),
    note: storedBytes === null ? '' : `${formatBytes(storedBytes)} in files`,
  }
}

/** A file of fewer bytes is mostly its metadata, so a ratio would say nothing about its values. */
const MIN_RATIO_BYTES = 1_048_576

function sizeFigure({ plainBytes, storedBytes }: LoadCounts): Figure {
  if (plainBytes === null || storedBytes === null || storedBytes <= 0)
    return { label: 'Compression ratio', value: <Unknown reason="not known" />, note: '' }
  if (plainBytes < MIN_RATIO_BYTES)
    return {
      label: 'Size',
      value: formatBytes(storedBytes),
      note: `${formatBytes(plainBytes)} before compression`,
    }
  return {
    label: 'Compression ratio',
    value: formatRatioToOne(plainBytes / storedBytes),
    note: `${formatBytes(plainBytes)} to ${formatBytes(storedBytes)}`,
  }
}
