import type { PageUpload } from '@/lib/client/uploads/page-upload'
import { MAX_LOADED_FILES } from '@/lib/contract/shapes/plain-values'
import type { LoadPreview } from '@/lib/contract/loads/loads'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { formatList } from '@/lib/format/sentence'
import { recordPositionTitle } from '@/lib/ingest/rejects/record-position'
import { exceedsShare, type RejectLimit, toRejectLimit } from '@/lib/ingest/reject-limit'
import { questionSentence } from '@/lib/ingest/readings/question-text'
import { formatPercent } from '@/lib/format/percent'
import type { CsvQuestion } from '@/lib/ingest/readings/csv-question'
import type { LandingProblem } from './landing/landing-problem'
import type { LoadEstimate } from './sample/load-estimate'
import { sampledPosition } from './sample/sampled-position'
import { fileCountOf, type LocationFile } from './locations/location-files'
import { findOtherFormat, ONE_FORMAT } from './files/file-formats'
import type { AllowedRejects } from './use-load-draft'

/** The obstacle that keeps a load from starting, or the first thing that its user should know. */
export type LoadState = { severity: 'blocked' | 'warning' | 'ready'; sentence: string; detail: string | null }

const SHOWN_NAMES = 5

type ReviewedLoad = {
  files: readonly (Pick<PageUpload, 'fileName' | 'state'> & Partial<Pick<PageUpload, 'failure'>>)[]
  /** Files of locations, and the files that match patterns. */
  located: readonly Pick<LocationFile, 'fileCount'>[]
  /** Undefined while no file can be previewed. */
  preview:
    | Pick<
        LoadPreview,
        | 'columns'
        | 'unmappedFields'
        | 'missingColumns'
        | 'missingFields'
        | 'unknownColumns'
        | 'rowsRead'
        | 'rowsRejected'
        | 'rejects'
        | 'isTruncated'
        | 'delimiter'
      >
    | undefined
  /** All rows, as a sample lets expect; null without one. */
  estimate: LoadEstimate | null
  /** The bytes for which the first rows wait; null if they do not. */
  awaited: string | null
  /** Why the first rows are not shown, although they can be loaded; null if that is not so. */
  unshown: string | null
  rejects: AllowedRejects
  /** Columns with an expression. */
  computedColumns: readonly string[]
  /** Whether a load without rows has an effect: it replaces rows, or later runs read other files. */
  mayBeEmpty: boolean
  /** How values are to be read, as long as the user has not said it. */
  questions: readonly CsvQuestion[]
  /** Whether the load can only be proposed, for another user to commit. */
  needsProposal: boolean
  landingProblem: LandingProblem | null
  /** How many files have bytes that would be added a second time, as long as the user has not confirmed it. */
  repeatedCount: number
}

/** The first sentence of the review. */
export function describeLoad({
  files,
  located,
  preview,
  estimate,
  awaited,
  unshown,
  rejects,
  computedColumns,
  mayBeEmpty,
  questions,
  needsProposal,
  landingProblem,
  repeatedCount,
}: ReviewedLoad): LoadState {
  const failed = files.filter(({ state }) => state === 'failed')
  const fileCount = files.length + fileCountOf(located)
  if (fileCount === 0) return blocked('Add the files to load.')
  if (failed.length > 1)
    return blocked(`${formatQuantity(failed.length, 'file')} were not uploaded.`, 'Try them again, or remove them.')
  if (failed[0])
    return blocked(
      `${failed[0].fileName} ${failed[0].failure?.code === 'not-found' ? 'is no longer uploaded' : 'was not uploaded'}.`,
      failed[0].failure?.message ?? 'Try it again, or remove it.',
    )
  if (fileCount > MAX_LOADED_FILES)
    return blocked(
      `The load has ${formatCount(fileCount)} files.`,
      `Load at most ${formatCount(MAX_LOADED_FILES)} at once: remove some, or choose a narrower pattern.`,
    )
  const other = findOtherFormat(files.map(({ fileName }) => fileName))
  if (other) return blocked(`${other.first} and ${other.second} have different formats.`, ONE_FORMAT)
  if (needsProposal && located.length > 0)
    return blocked(
      'Files of a location or a URL cannot be proposed.',
      'They may change until another user looks at them. Upload the files instead.',
    )
  const ready = needsProposal ? 'Ready to propose.' : 'Ready to load.'
  if (!preview && awaited !== null) return blocked('The first rows are not here yet.', `${capitalize(awaited)}.`)
  if (!preview && unshown === null) return blocked('The first rows are still being read.')
  if (!preview && landingProblem !== null) return blocked(landingProblem.sentence, landingProblem.detail)
  if (!preview && repeatedCount > 0) return describeRepeats(repeatedCount)
  if (!preview) return { severity: 'warning', sentence: ready, detail: unshown }
  const [question] = questions
  if (question) return blocked('The file can be read in more than one way.', questionSentence(question))
  const { unmappedFields, missingColumns, missingFields, unknownColumns } = preview
  if (missingFields.length > 0)
    return blocked(`The file has no ${listNames(missingFields)}.`, 'Choose other fields, or another file.')
  if (unknownColumns.length > 0)
    return blocked(`The table no longer has ${listNames(unknownColumns)}.`, 'Choose other columns.')
  // Its fields count as fields without a column.
  const computed = preview.columns.find(({ name, problem }) => problem !== null && computedColumns.includes(name))
  if (computed) return blocked(`The expression for ${computed.name} is wrong.`, computed.problem)
  if (unmappedFields.length > 0)
    return blocked(
      unmappedFields.length === 1
        ? 'One field has no column.'
        : `${formatCount(unmappedFields.length)} fields have no column.`,
      `Choose a column for ${listNames(unmappedFields)}, or leave ${unmappedFields.length === 1 ? 'it' : 'them'} out.`,
    )
  if (missingColumns.length > 0)
    return blocked(`The table requires values for ${listNames(missingColumns)}.`, 'Choose a field or a value for each.')
  const wrong = preview.columns.find(({ problem }) => problem !== null)
  if (wrong) return blocked(`${wrong.name} cannot be filled.`, wrong.problem)
  if (landingProblem !== null) return blocked(landingProblem.sentence, landingProblem.detail)
  if (repeatedCount > 0) return describeRepeats(repeatedCount)
  if (preview.rowsRead === 0 && !preview.isTruncated) {
    const sentence = `${fileCount === 1 ? 'The file' : 'The first file'} has ${preview.delimiter === null ? '' : 'a header and '}no rows.`
    return fileCount === 1 && !mayBeEmpty
      ? blocked(sentence, 'Choose another file, or say in step 2 how this one is read.')
      : { severity: 'warning', sentence: `${ready} ${sentence}`, detail: null }
  }
  if (preview.rowsRead === 0)
    return { severity: 'warning', sentence: `${ready} The first row is too long to be shown.`, detail: null }
  const { maxRejectedRows: rows, maxRejectedShare: share } = rejects
  const limit = toRejectLimit({ rows, share })
  return estimate === null ? describeRejects(preview, limit, ready) : describeEstimate(preview, estimate, limit, ready)
}

/** The note below has the files and their runs. */
function describeRepeats(count: number): LoadState {
  return blocked(
    `${formatQuantity(count, 'file')} ${count === 1 ? 'has' : 'have'} bytes that were loaded before, or that the load has twice.`,
    `Remove ${count === 1 ? 'it' : 'them'}, or load again all the same.`,
  )
}

function describeRejects(
  {
    rowsRead,
    rowsRejected,
    rejects,
    isTruncated,
  }: Pick<LoadPreview, 'rowsRead' | 'rowsRejected' | 'rejects' | 'isTruncated'>,
  { maxRejectedRows, maxRejectedShare }: RejectLimit,
  ready: string,
): LoadState {
  const read = `${isTruncated ? 'the first ' : ''}${formatQuantity(rowsRead, 'row')}`
  if (rowsRejected === 0)
    return {
      severity: 'ready',
      sentence: `${ready} ${capitalize(read)} ${rowsRead === 1 ? 'fits' : 'fit'}.`,
      detail: null,
    }
  const [first] = rejects
  const example = first ? `${recordPositionTitle(first)}: ${first.column ?? 'the row'} ${first.reason}.` : null
  const share = formatPercent(rowsRejected / rowsRead)
  const count = `${formatCount(rowsRejected)} of ${read} would be rejected (${share})`
  // The rows after the first ones count, too.
  const isShareKnown = maxRejectedShare !== undefined && !isTruncated
  if (rowsRejected > maxRejectedRows || (isShareKnown && exceedsShare({ rowsRead, rowsRejected }, maxRejectedShare)))
    return {
      severity: 'warning',
      sentence: `The load would stop: ${count}.`,
      detail: `${example ?? ''} Correct the format or the columns, or allow rejected rows in step 4.`.trim(),
    }
  return { severity: 'warning', sentence: `${ready} ${capitalize(count)}.`, detail: example }
}

/** The same for all rows, counted or as a sample lets expect. */
function describeEstimate(
  { rowsRejected: firstRejected, rejects }: Pick<LoadPreview, 'rowsRejected' | 'rejects'>,
  { isExact, rowsRead, rowsRejected, rejectedShare, sample }: LoadEstimate,
  { maxRejectedRows, maxRejectedShare }: RejectLimit,
  ready: string,
): LoadState {
  const [reject] = rejects
  const [sampled] = sample.rejects
  if (rowsRejected === 0 && firstRejected === 0) {
    const fits = sample.rowsRead === 1 ? 'fits' : 'fit'
    const where =
      isExact || sample.from === 'whole'
        ? ''
        : sample.from === 'spread'
          ? ' from all over the file'
          : ' at its beginning'
    const rows = `${formatQuantity(sample.rowsRead, 'row')}${where}`
    return {
      severity: 'ready',
      sentence: `${ready} ${rows} ${fits}.`,
      detail: null,
    }
  }
  // A few of the first rows may be all that do not fit.
  const count = Math.max(rowsRejected, firstRejected)
  const about = isExact ? '' : 'about '
  const sentence = `${about}${formatCount(count)} of ${formatQuantity(rowsRead, 'row')} would be rejected (${formatPercent(Math.max(rejectedShare, count / rowsRead))})`
  const example = reject
    ? `${recordPositionTitle(reject)}: ${reject.column ?? 'the row'} ${reject.reason}.`
    : sampled
      ? `${sampledPosition(sampled)}: ${sampled.column ?? 'a row'} ${sampled.reason}.`
      : null
  const exceeds = count > maxRejectedRows || (maxRejectedShare !== undefined && rejectedShare > maxRejectedShare)
  if (exceeds)
    return {
      severity: 'warning',
      sentence: `The load would ${isExact || firstRejected > maxRejectedRows ? '' : 'probably '}stop: ${sentence}.`,
      detail: `${example ?? ''} Correct the format or the columns, or allow rejected rows in step 4.`.trim(),
    }
  return { severity: 'warning', sentence: `${ready} ${capitalize(sentence)}.`, detail: example }
}

function blocked(sentence: string, detail: string | null = null): LoadState {
  return { severity: 'blocked', sentence, detail }
}

/** A few names of fields or columns, and how many more there are. */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN_NAMES)
  const more = names.length - shown.length
  return formatList(more > 0 ? [...shown, `${formatCount(more)} more`] : [...shown])
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
