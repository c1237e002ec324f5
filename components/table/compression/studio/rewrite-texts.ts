import type { LeftOutReason, RewritePreview } from '@/lib/contract/table/rewrites'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import { formatMonthlyCostChange } from '@/lib/format/money'
import { formatPercent } from '@/lib/format/percent'

/** Why files are left out, in words for people. */
export const LEFT_OUT_REASONS: Readonly<Record<LeftOutReason, string>> = {
  format: 'they are not Parquet.',
  'delete-format': 'rows of them are deleted by files of a format that Lakeshore does not read.',
  encrypted: 'they are encrypted.',
  'too-large': 'they are larger than a worker takes on.',
  'no-field-ids': 'their columns have no field ids, and single columns have settings of their own.',
  'row-lineage': 'their row ids or sequence numbers are not stored as 64-bit integers.',
  unreadable: 'they cannot be read.',
  changed: 'another commit changed them.',
}

export function filesText({
  differingFileCount,
  differingFileBytes,
  readFileCount,
  fileCount,
}: RewritePreview): string {
  const text =
    differingFileCount === 0
      ? 'no file'
      : `${formatQuantity(differingFileCount, 'file')}, ${formatBytes(differingFileBytes)}`
  return readFileCount < fileCount && differingFileCount > 0 ? `at least ${text}` : text
}

/** Sentences about deleted rows in the files to rewrite; empty if they have none. */
export function deletesTexts({
  positionDeletedFileCount,
  equalityDeletedFileCount,
  deleteFormat,
}: RewritePreview): string[] {
  const target = deleteFormat === 'deletion-vectors' ? 'deletion vectors' : 'position delete files'
  return [
    ...(positionDeletedFileCount > 0
      ? [
          `${formatQuantity(positionDeletedFileCount, 'file')} with rows deleted by position: the deletes are written again for the new files, as ${target}, and are proven to be the same.`,
        ]
      : []),
    ...(equalityDeletedFileCount > 0
      ? [
          `${formatQuantity(equalityDeletedFileCount, 'file')} with rows deleted by equality: these deletes stay, and apply to the new files as before.`,
        ]
      : []),
  ]
}

/** A rewrite gives each file a footer, page indexes and checksums of its own, which a trial of pages does not know. */
const MIN_CHANGE_PER_FILE_BYTES = 1024

/** The projected saving of the columns that were tried with the codec that is set. */
export function savingsText(preview: RewritePreview): string {
  const {
    trialColumnCount,
    differingColumnCount,
    differingFileCount,
    trialStoredBytes,
    trialProjectedBytes,
    trialErrorBytes,
    storagePrice,
  } = preview
  if (trialColumnCount === 0 || trialStoredBytes === 0) return 'unknown: no column has a trial of what is set'
  const change = trialProjectedBytes / trialStoredBytes - 1
  const columns =
    trialColumnCount === differingColumnCount
      ? formatQuantity(differingColumnCount, 'column')
      : `the ${formatCount(trialColumnCount)} of ${formatQuantity(differingColumnCount, 'column')} that ${trialColumnCount === 1 ? 'has' : 'have'} a trial`
  const changedBytes = trialProjectedBytes - trialStoredBytes
  if (changedBytes === 0) return 'no change'
  if (Math.abs(changedBytes) < differingFileCount * MIN_CHANGE_PER_FILE_BYTES)
    return `unknown: the pages ${changedBytes < 0 ? 'shrink' : 'grow'} by about ${formatBytes(Math.abs(changedBytes) / differingFileCount)} a file, and footers and indexes may change by more`
  const cost = storagePrice === null ? '' : `, ${formatMonthlyCostChange(changedBytes, storagePrice)}`
  const verb = changedBytes < 0 ? 'saves' : 'adds'
  const error = trialErrorBytes === 0 ? '' : ` ± ${formatBytes(trialErrorBytes)}`
  return `${verb} about ${formatBytes(Math.abs(changedBytes))}${error}${cost} (${formatPercent(Math.abs(change))} of ${columns})`
}

/** Names the codec, which determines the speed of a rewrite: brotli takes many times as long as snappy. */
export function timeText(preview: RewritePreview): string {
  const { bytesPerSecond, isSpeedOfTable, isSpeedOfCodecs, speedCodecs, differingFileBytes, maxBytesPerRun } = preview
  if (bytesPerSecond === null) return 'unknown: no rewrite measured yet'
  const ms = (Math.min(differingFileBytes, maxBytesPerRun) / bytesPerSecond) * 1000
  const which = isSpeedOfTable ? 'the last one' : 'the last one of another table'
  if (isSpeedOfCodecs) return `≈ ${formatDuration(ms)}, as fast as ${which}`
  const written = speedCodecs === null ? 'perhaps other codecs' : speedCodecs
  return `unknown for the codecs that are set; ${which}, which wrote ${written}, would take ≈ ${formatDuration(ms)}`
}
