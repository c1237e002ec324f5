import { formatQuantity } from '@/lib/format/count'
import type { ProposedFile, ProposedLoad } from '@/lib/contract/shapes/proposed-table-action'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import { type CsvOptions, CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { APPEND_TO_MAIN, type LoadLanding } from '@/lib/ingest/load-landing'
import type { ColumnSource } from '@/lib/ingest/load-mapping'
import { type RejectLimit, shareText } from '@/lib/ingest/reject-limit'

export const FORMAT_NAMES: Readonly<Record<InputFormat, string>> = {
  csv: 'CSV',
  ndjson: 'NDJSON',
  json: 'JSON',
  parquet: 'Parquet',
  avro: 'Avro',
  arrow: 'Arrow',
}

/** The files of a proposed load, in the order in which they are read. */
export function proposedFiles({ input, sizeBytes, sha256, otherFiles = [] }: ProposedLoad): ProposedFile[] {
  return [{ input, sizeBytes, sha256 }, ...otherFiles]
}

/** A file of a load location has the name of that location before its path. */
export function proposedFileLabel({ input }: Pick<ProposedFile, 'input'>): string {
  return typeof input === 'string' ? input : `${input.location}/${input.path}`
}

/** A proposed load in words, for the user who decides on it. */

/** The options that are not the usual ones, each as a name and a value as users enter it. */
export function csvDifferences(csv: CsvOptions): (readonly [name: string, value: string])[] {
  return CSV_NAMES.flatMap(([key, name]) => (csv[key] === CSV_DEFAULTS[key] ? [] : [[name, optionText(csv[key])]]))
}

const CSV_NAMES: readonly (readonly [keyof CsvOptions, string])[] = [
  ['delimiter', 'delimiter'],
  ['quote', 'quote'],
  ['skippedLines', 'skipped lines'],
  ['hasHeader', 'header'],
  ['encoding', 'encoding'],
  ['nullText', 'null text'],
  ['dateFormat', 'dates'],
  ['timestampFormat', 'timestamps'],
  ['assumesUtc', 'times without a zone are UTC'],
  ['decimalSeparator', 'decimal separator'],
  ['groupSeparator', 'group separator'],
]

function optionText(value: CsvOptions[keyof CsvOptions]): string {
  if (value === null) return 'none'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (value === '\t') return 'tab'
  return value === ' ' ? 'space' : String(value)
}

/** Where the values of a column come from: what it is, and the text that the proposer entered, if there is one. */
export function sourceTexts(source: ColumnSource): { kind: string; text: string | null } {
  if ('field' in source) return { kind: 'the field', text: source.field }
  if ('sql' in source) return { kind: 'the expression', text: source.sql }
  if ('fact' in source) return { kind: FACTS[source.fact], text: null }
  if ('pathValue' in source) return { kind: 'the value in the path', text: source.pathValue }
  if ('rest' in source) return { kind: 'all other fields', text: null }
  return source.value === null ? { kind: 'no value', text: null } : { kind: 'in every row', text: source.value }
}

const FACTS = {
  'file-name': 'the name of the file',
  line: 'the line in the file',
  'loaded-at': 'when the load begins',
} as const

export function landingText({ operation, branch, where }: LoadLanding = APPEND_TO_MAIN): string {
  return `${OPERATIONS[operation]} ${branch ?? 'main'}${where === undefined ? '' : `: ${where}`}`
}

const OPERATIONS: Readonly<Record<LoadLanding['operation'], string>> = {
  append: 'append to',
  'replace-partitions': 'replace the partitions that get rows, in',
  'replace-where': 'replace the rows that match a filter, in',
  'replace-table': 'replace all rows of',
  upsert: 'replace rows with the same key, and add the others, in',
}

export function rejectsText({ maxRejectedRows, maxRejectedShare }: RejectLimit): string {
  const limits = [
    ...(maxRejectedRows === Number.MAX_SAFE_INTEGER ? [] : [formatQuantity(maxRejectedRows, 'row')]),
    ...(maxRejectedShare === undefined ? [] : [`${shareText(maxRejectedShare)} of all rows`]),
  ]
  if (maxRejectedRows === 0) return 'fail the load'
  return limits.length === 0 ? 'are skipped' : `are skipped, ${limits.join(' and ')} at most`
}
