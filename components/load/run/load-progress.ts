import { phaseText } from '@/components/about/run-texts'
import type { Run } from '@/lib/contract/jobs'
import { doneShare } from '@/lib/contract/run-kinds'

/** The rows, files and bytes of a load: so far while it runs, otherwise as its outcome has them. */
export type LoadCounts = {
  rowsRead: number
  /** While rows are not counted, because DuckDB reads a file: how many it has probably read; otherwise null. */
  rowsReadEstimate: number | null
  rowsAccepted: number
  rowsRejected: number
  fileCount: number
  /** Null if they are not known: in older runs, and before the first file is written. */
  plainBytes: number | null
  storedBytes: number | null
}

export function toLoadCounts({ progress, outcome, error }: Pick<Run, 'progress' | 'outcome' | 'error'>): LoadCounts {
  const counterOf = (name: string) => progress?.counters[name] ?? 0
  if (outcome !== null) {
    const rowsRead = numberIn(outcome, 'rowsRead') ?? 0
    return {
      rowsRead,
      rowsReadEstimate: null,
      rowsAccepted: numberIn(outcome, 'rowsCommitted') ?? 0,
      rowsRejected: numberIn(outcome, 'rowsRejected') ?? 0,
      fileCount: numberIn(outcome, 'fileCount') ?? 0,
      plainBytes: numberIn(outcome, 'plainBytes'),
      storedBytes: numberIn(outcome, 'storedBytes'),
    }
  }
  // A load that stops because of its rejects has counted them; progress may lag behind.
  const rowsRejected = numberIn(error?.facts ?? {}, 'rowsRejected') ?? counterOf('rowsRejected')
  const rowsRead = numberIn(error?.facts ?? {}, 'rowsRead') ?? counterOf('rowsRead')
  const estimate = counterOf('rowsReadEstimate')
  const fileCount = counterOf('filesWritten')
  return {
    rowsRead,
    rowsReadEstimate: estimate > rowsRead ? roundEstimate(estimate) : null,
    rowsAccepted: Math.max(0, rowsRead - rowsRejected),
    rowsRejected,
    fileCount,
    plainBytes: fileCount === 0 ? null : counterOf('plainBytesWritten'),
    storedBytes: fileCount === 0 ? null : counterOf('storedBytesWritten'),
  }
}

/** Less of the input, or of the time, says nothing about the rest. */
const MIN_SHARE = 0.05
const MIN_DURATION_MS = 2_000

/** How long reading the rest of the input takes at the same rate; null while, or once, it cannot be known. */
export function estimateTimeLeftMs({ state, progress, durationMs }: Run): number | null {
  const share = doneShare(progress)
  if (state !== 'running' || share === null || durationMs === null) return null
  if (share < MIN_SHARE || share >= 1 || durationMs < MIN_DURATION_MS) return null
  return (durationMs * (1 - share)) / share
}

/** The rows of the whole input, from those of the part that was read; null as for the time left. */
export function estimateRowCount(run: Run): number | null {
  const share = doneShare(run.progress)
  const { rowsRead, rowsReadEstimate } = toLoadCounts(run)
  const readRows = rowsReadEstimate ?? rowsRead
  return estimateTimeLeftMs(run) === null || share === null || readRows === 0 ? null : roundEstimate(readRows / share)
}

const SHOWN_DIGITS = 3

/** More digits would pretend a count. */
function roundEstimate(rows: number): number {
  return Math.round(Number(rows.toPrecision(SHOWN_DIGITS)))
}

export type StepState = 'done' | 'current' | 'stopped' | 'open'
export type LoadStep = { label: string; state: StepState }

/** Phases that alternate: each file is read, checked and written, partition by partition. */
const LABELS = ['open', 'read, check, write', 'find rows to replace', 'commit once'] as const
const MATCH = 2

/**
 * The phases of a load as steps, each of which comes once.
 *
 * @param isUpsert whether it looks for rows of the table; null if that is not known
 */
export function toLoadSteps(run: Run, isUpsert: boolean | null): LoadStep[] {
  const { kind, state, progress } = run
  const phase = progress?.phase ?? null
  const hasMatching = isUpsert ?? phase === 'matching'
  // A load that stops soon for its rejects has counted rows, and reported no phase.
  const hasRows = toLoadCounts(run).rowsRead > 0
  // Files are copied in turns with reading them, too.
  const reached = hasRows && (phase === null || phase === 'copying') ? 'reading' : phase
  const current = state === 'succeeded' ? LABELS.length : stepOf(reached)
  return LABELS.flatMap((label, step) => {
    if (step === MATCH && !hasMatching) return []
    const isCurrent = step === current
    const isNamed = isCurrent && state === 'running' && (step === 1 || phase === 'copying')
    return [
      {
        label: isNamed ? `${label}: ${phaseText(kind, progress)}` : label,
        state: step < current ? 'done' : isCurrent ? currentState(state) : 'open',
      },
    ]
  })
}

function stepOf(phase: string | null): number {
  if (phase === null || phase === 'copying') return 0
  if (phase === 'committing') return LABELS.length - 1
  return phase === 'matching' ? MATCH : 1
}

function currentState(state: Run['state']): StepState {
  if (state === 'running') return 'current'
  return state === 'queued' ? 'open' : 'stopped'
}

function numberIn(values: Readonly<Record<string, unknown>>, name: string): number | null {
  const value = values[name]
  return typeof value === 'number' ? value : null
}
