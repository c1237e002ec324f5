import type { AddedFiles, CommitFigure } from '@/lib/contract/table/added-files'
import type { Run } from '@/lib/contract/jobs'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount } from '@/lib/format/count'
import type { LoadOperation } from '@/lib/ingest/load-landing'
import { toLoadCounts } from './load-progress'
import { isOutcomeUnknown } from './table-load'

/** A total of the branch, before and after, and what the load changes. Null is unknown; `reason` says why. */
export type SnapshotFigure = {
  label: string
  unit: 'count' | 'bytes'
  before: bigint | null
  added: bigint | null
  removed: bigint | null
  after: bigint | null
  /** The totals that are upper bounds, because delete files may remove some of the rows. */
  mostOf: readonly ('before' | 'after')[]
  reason: string
}

type CurrentFigures = {
  rowCount: number | null
  dataFileCount: number | null
  deleteFileCount: number | null
  liveBytes: number | null
}

const NO_FIGURES = { rowCount: 0, dataFileCount: 0, deleteFileCount: 0, liveBytes: 0 }

/**
 * By the summaries and manifests of the snapshot and its parent.
 *
 * @param rowsCommitted the rows of the load that readers see; null if it is not known
 */
export function ofCommit(
  { rows, files, bytes, liveRows }: Pick<AddedFiles, 'rows' | 'files' | 'bytes' | 'liveRows'>,
  rowsCommitted: number | null,
): SnapshotFigure[] {
  const toFigure = (label: string, unit: SnapshotFigure['unit'], figure: CommitFigure): SnapshotFigure => ({
    label,
    unit,
    before: toNumber(figure.before),
    added: toNumber(figure.added),
    removed: toNumber(figure.removed),
    after: toNumber(figure.after),
    mostOf: [],
    reason: 'the summary does not say',
  })
  const ofFiles = toFigure('Rows', 'count', rows)
  return [
    toLiveRows(ofFiles, liveRows, rowsCommitted),
    toFigure('Data files', 'count', files),
    toFigure('Bytes', 'bytes', bytes),
  ]
}

/**
 * The rows that readers see. Summaries count the rows of data files: also deleted ones, and rows that a commit has
 * copied to another file.
 */
function toLiveRows(
  ofFiles: SnapshotFigure,
  liveRows: AddedFiles['liveRows'],
  rowsCommitted: number | null,
): SnapshotFigure {
  const [before, after] = [toNumber(liveRows.before), toNumber(liveRows.after)]
  const added = rowsCommitted === null ? ofFiles.added : BigInt(rowsCommitted)
  const removed = before === null || after === null || added === null ? null : before + added - after
  return {
    ...ofFiles,
    before: before ?? ofFiles.before,
    added,
    removed,
    after: after ?? ofFiles.after,
    mostOf: [...(before === null ? (['before'] as const) : []), ...(after === null ? (['after'] as const) : [])],
  }
}

/**
 * The branch as it is, and what the load has written so far.
 *
 * @param options.now null while it is not known; `none` for a table that does not exist yet
 * @param options.operation null if it is not known
 */
export function ofRunning(
  run: Pick<Run, 'state' | 'progress' | 'outcome' | 'error'>,
  { now, operation }: { now: CurrentFigures | 'none' | null; operation: LoadOperation | null },
): SnapshotFigure[] {
  const { rowsAccepted, fileCount, storedBytes } = toLoadCounts(run)
  const current = now === 'none' ? NO_FIGURES : now
  // The branch may have the rows already.
  const isForecast = operation === 'append' && !isOutcomeUnknown(run)
  const toFigure = (
    label: string,
    unit: SnapshotFigure['unit'],
    before: number | null,
    added: number,
  ): SnapshotFigure => ({
    label,
    unit,
    before: before === null ? null : BigInt(before),
    added: BigInt(added),
    removed: null,
    after: isForecast && before !== null ? BigInt(before) + BigInt(added) : null,
    // As on the overview: the summary counts the rows of data files.
    mostOf: label === 'Rows' && current?.deleteFileCount !== 0 ? ['before', 'after'] : [],
    reason: isOutcomeUnknown(run)
      ? 'it is not known whether the snapshot was committed'
      : operation === 'append'
        ? 'not known yet'
        : 'it depends on the rows that are replaced',
  })
  return [
    toFigure('Rows', 'count', current?.rowCount ?? null, rowsAccepted),
    toFigure('Data files', 'count', current?.dataFileCount ?? null, fileCount),
    toFigure('Bytes', 'bytes', current?.liveBytes ?? null, storedBytes ?? 0),
  ]
}

/** Counts are exact; bytes have three significant figures. */
export function figureText({ unit }: Pick<SnapshotFigure, 'unit'>, value: bigint): string {
  return unit === 'count' ? formatCount(value) : formatBytes(Number(value))
}

function toNumber(text: string | null): bigint | null {
  return text === null ? null : BigInt(text)
}
