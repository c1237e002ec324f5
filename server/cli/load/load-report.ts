import 'server-only'
import { doneShare, phaseLabel } from '@/lib/contract/run-kinds'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import { lakeshoreCommands } from '@/lib/names/lakeshore-commands'
import type { Run } from '@/server/db/jobs/runs'
import { describeNoRows, type IngestOutcome, parseIngestOutcome } from '@/server/ingest/run/ingest-outcome'
import { fieldLines } from '@/server/ingest/run/load-fields'
import { progressBar } from '../terminal/progress-line'

/** One line about a load that is running. */
export function progressText({ kind, state, progress, error }: Run, elapsedMs: number): string {
  if (error !== null) return `${error.detail} Waiting to retry …`
  if (state === 'queued' || progress === null) return `${state} …`
  const { done, total, counters } = progress
  const { rowsRead: rowsCounted = 0, rowsReadEstimate = 0, filesWritten = 0 } = counters
  const rowsRead = Math.max(rowsCounted, rowsReadEstimate)
  const about = rowsRead > rowsCounted ? '≈ ' : ''
  const rowsPerSecond = Math.round(rowsRead / Math.max(elapsedMs / 1000, 0.001))
  return [
    progressBar(doneShare(progress) ?? 0),
    total === null ? formatBytes(done) : `${formatBytes(done)} of ${formatBytes(total)}`,
    phaseLabel(kind, progress),
    ...(rowsRead > 0 ? [`${about}${formatQuantity(rowsRead, 'row')} (${formatCount(rowsPerSecond)}/s)`] : []),
    ...(filesWritten > 0 ? [formatQuantity(filesWritten, 'file')] : []),
  ].join('  ')
}

/** @throws {AppError} the error of a load that failed */
export function requireOutcome(run: Run): IngestOutcome {
  if (run.outcome !== null) return parseIngestOutcome(run.outcome)
  if (run.error === null) throw new Error(`run ${run.id} ended without an outcome`)
  throw new AppError(run.error.code, run.error.detail, {
    facts: {
      ...run.error.facts,
      runId: run.id,
      ...(run.error.code === 'rows-rejected' && { rejects: lakeshoreCommands.listRejects(run.id) }),
    },
  })
}

/** The result of a load, in one line or more. */
export function summaryLines(
  { rowsCommitted, rowsRejected, rejectsFile, fileCount, storedBytes, snapshotId, ...others }: IngestOutcome,
  { runId, elapsedMs }: { runId: string; elapsedMs: number },
): string[] {
  const elapsedText = formatDuration(elapsedMs)
  const done =
    snapshotId === null
      ? `${describeNoRows({ rowsRejected })}, so no snapshot was created (${elapsedText}).`
      : `${formatQuantity(rowsCommitted, 'row')} in ${formatQuantity(fileCount, 'file')}, ${formatBytes(storedBytes)}, as snapshot ${snapshotId} in ${elapsedText}.`
  return [
    done,
    ...keyLines(others),
    ...fieldLines(others),
    ...(rejectsFile === null
      ? []
      : [`${formatQuantity(rowsRejected, 'row')} rejected. ${lakeshoreCommands.listRejects(runId)} prints them.`]),
  ]
}

function keyLines({
  rowsUpdated,
  rowsInserted,
  rowsSuperseded,
}: Pick<IngestOutcome, 'rowsInserted' | 'rowsSuperseded' | 'rowsUpdated'>): string[] {
  if (rowsUpdated === null || rowsInserted === null) return []
  return [
    `${formatQuantity(rowsUpdated, 'row')} updated, ${formatQuantity(rowsInserted, 'row')} inserted.`,
    ...(rowsSuperseded === null || rowsSuperseded === 0
      ? []
      : [`${formatQuantity(rowsSuperseded, 'row')} left out, because a later one has the same key.`]),
  ]
}
