import 'server-only'
import type { RepeatedInput } from '@/lib/contract/loads/loads'
import { formatQuantity } from '@/lib/format/count'
import { exceedsShare, type RejectLimit, shareText } from '@/lib/ingest/reject-limit'
import { sum } from '@/lib/sum'
import type { ReadingKind } from '@/lib/ingest/readings/csv-question'
import { namesError } from '@/server/ingest/input/mapping-problems'
import { questionText } from './csv-answers'
import type { FilePreview } from './file-preview'

/** Choices of the user that answer what a load would ask. */
type LoadAnswers = { answered: ReadonlySet<ReadingKind>; allowNullColumns?: boolean }

/** The reasons why a load of these files would stop, as sentences. */
export function findStopReasons(
  previews: readonly FilePreview[],
  { answered, allowNullColumns, ...limit }: RejectLimit & LoadAnswers,
): string[] {
  const byFile = previews.flatMap((preview) => {
    const reasons = findFileReasons(preview, answered)
    return previews.length === 1 ? reasons : reasons.map((reason) => `${preview.file}: ${reason}`)
  })
  return [...byFile, ...(allowNullColumns ? [] : findEmptied(previews)), ...findRejectReasons(previews, limit)]
}

/** A file that only has the size of another one is compared by the load. */
export function repeatReason({ fileName, same, load }: RepeatedInput): string[] {
  if (same === 'size') return []
  const what = same === 'as-input' ? 'has the same bytes as another file of the load' : 'was loaded before'
  const run = load === null ? '' : ` by run ${load.runId}`
  return [`${fileName} ${what}${run} (--load-again adds its rows again).`]
}

/** Columns are emptied for which no file has a field. */
function findEmptied(previews: readonly FilePreview[]): string[] {
  const [first, ...others] = previews
  const names =
    first?.emptiedColumns.filter((name) => others.every((other) => other.emptiedColumns.includes(name))) ?? []
  if (names.length === 0) return []
  const what =
    'No file has a field for columns that have values in the table (--allow-null-columns fills them with null)'
  return [namesError(what, names).message]
}

function findFileReasons(preview: FilePreview, answered: ReadonlySet<ReadingKind>): string[] {
  const { columns, unknownColumns, unmappedFields, missingFields, missingColumns, questions } = preview
  const lists: readonly (readonly [string, readonly string[]])[] = [
    ['The mapping names columns that the table does not have', unknownColumns],
    ['No column takes these fields (--map, --ignore and --ignore-extra say what becomes of them)', unmappedFields],
    ['The mapping names fields that the file does not have', missingFields],
    ['Required columns get no field', missingColumns],
  ]
  return [
    ...lists.flatMap(([what, names]) => (names.length === 0 ? [] : [namesError(what, names).message])),
    ...questions.filter(({ kind }) => !answered.has(kind)).map(questionText),
    ...columns.flatMap(({ name, problem }) => (problem === null ? [] : [columnSentence(name, problem)])),
  ]
}

/** A problem is a sentence, or the rest of one that begins with the column. */
function columnSentence(name: string, problem: string): string {
  return /^[a-z]/.test(problem) ? `Column ${name} ${problem}` : `Column ${name}: ${problem}`
}

function findRejectReasons(
  previews: readonly FilePreview[],
  { maxRejectedRows, maxRejectedShare }: RejectLimit,
): string[] {
  const rowsRead = sum(previews.map((preview) => preview.rowsRead))
  const rowsRejected = sum(previews.map((preview) => preview.rowsRejected))
  const rejected = `${formatQuantity(rowsRejected, 'row')} of ${formatQuantity(rowsRead, 'row')} would be rejected`
  if (rowsRejected > maxRejectedRows)
    return [
      maxRejectedRows === 0
        ? `${rejected}. --allow-rejects permits rejects.`
        : `${rejected}, more than the ${maxRejectedRows} of --allow-rejects.`,
    ]
  // The rows after the previewed ones count, too.
  const isWhole = previews.every(({ isTruncated }) => !isTruncated)
  if (maxRejectedShare === undefined || !isWhole || !exceedsShare({ rowsRead, rowsRejected }, maxRejectedShare))
    return []
  return [`${rejected}, more than the ${shareText(maxRejectedShare)} of --reject-share.`]
}
