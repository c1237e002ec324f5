import 'server-only'
import type { CsvField } from '@/lib/ingest/csv-records'
import { createFieldReader } from '@/lib/ingest/field-reader'
import { readCsvRow } from '@/lib/ingest/rejects/csv-row'
import { FormatMisfit } from '@/lib/ingest/text-reader'
import { writeDefaultText } from '../cast/json-column'
import type { InputRequest } from '../stage-request'
import { openCsvRecords, readCsvHeader } from './csv-file'
import type { CsvHeader } from './csv-header'
import { type FieldMatches, lacksValue, matchFields } from '../input/field-matches'
import { FieldSamples } from '../input/field-samples'
import type { LoadPlan } from '../input/load-plan'
import type { MappingProblems } from '../input/mapping-problems'
import type { Rejects } from '../input/rejects'
import { RowWriter } from '../input/row-writer'
import type { RewrittenInput, TextInput } from '../input/text-input'

/** Progress is reported after this many records. */
const PROGRESS_RECORDS = 65_536

/** The header of a CSV file, and its fields for the columns of the plan. */
export async function matchCsv(
  { input }: InputRequest,
  plan: LoadPlan,
  problems: MappingProblems,
  isTruncated = false,
): Promise<{ header: CsvHeader; matches: FieldMatches }> {
  const { path, csv: options, laterPart } = input
  const header = await readCsvHeader({ path, options, isTruncated, ...(laterPart && { laterPart }) }, plan)
  const matches = matchFields(plan, header.names, problems)
  findNested(plan, matches, problems)
  return { header, matches }
}

/** CSV has no form for a struct, a list or a map. */
function findNested(plan: LoadPlan, { columnIndexes }: FieldMatches, problems: MappingProblems): void {
  for (const [i, { field, source }] of plan.columns.entries()) {
    if (typeof field.type === 'string' || (source.kind !== 'field' && source.kind !== 'absent')) continue
    if (columnIndexes[i] === null && !lacksValue(field)) continue
    const { missingColumns } = problems
    if (missingColumns.includes(field.name)) missingColumns.splice(missingColumns.indexOf(field.name), 1)
    problems.addColumn(field.name, 'is nested, which CSV cannot hold: load NDJSON or Parquet, or write an expression.')
  }
}

/**
 * Rewrites CSV to one form that DuckDB reads fast: the line, a text (or null) for each column of the table, and one for
 * each field that expressions name. Rows that cannot be parsed are rejected here, and so are values that do not match
 * their format. Whether the texts fit their columns is checked later, in the same way for all inputs.
 */
export async function rewriteCsv(from: TextInput, target: string): Promise<RewrittenInput> {
  const { request, plan, rejects, problems, preview } = from
  const { path, csv } = request.input
  const isTruncated = preview?.isTruncated ?? false
  const { header, matches } = await matchCsv(request, plan, problems, isTruncated)
  if (preview === null) problems.throwFirst()
  else preview.samples = new FieldSamples(header.names)
  const { names, delimiter } = header
  const toValues = createRowReader(plan, matches, { names, csv, rejects })
  const { input, records } = openCsvRecords({ path, options: csv, isTruncated }, header)
  const output = await RowWriter.create(target)
  let rows = 0
  let isHeaderNext = csv.hasHeader
  try {
    for await (const record of records) {
      if (isHeaderNext) {
        // An empty line is no header.
        isHeaderNext = 'fields' in record && record.fields.length === 1 && record.fields[0] === null
        continue
      }
      if (rows === preview?.maxRows) break
      rows += 1
      const row = readCsvRow(record, { fieldCount: names.length, hasHeader: csv.hasHeader })
      if ('reason' in row) {
        rejects.addRow(record.line)
        const value = 'malformed' in record ? record.text : record.fields.join(delimiter)
        rejects.add({ line: record.line, column: null, value, reason: row.reason })
      } else {
        if (preview?.samples) for (const [i, name] of names.entries()) preview.samples.add(name, row.fields[i] ?? null)
        const values = toValues(record.line, row.fields)
        if (values !== null) await output.write(record.line, values)
      }
      if (rows % PROGRESS_RECORDS === 0) from.onProgress(input.bytesRead, rows)
    }
    from.onProgress(input.bytesRead, rows)
  } finally {
    input.destroy()
    await output.close()
  }
  return {
    rowsRead: rows,
    maxRecordBytes: output.maxRecordBytes,
    namedFields: matches.namedFields.map(({ name }) => name),
    delimiter,
    fieldUse: matches.fieldUse,
  }
}

type RowReader = (line: number, fields: readonly CsvField[]) => CsvField[] | null

/** The values of a row as they are written; null if one does not match its format, and the row is rejected. */
function createRowReader(
  { columns }: LoadPlan,
  { columnIndexes, namedFields, restIndexes }: FieldMatches,
  { names, csv, rejects }: { names: readonly string[]; csv: InputRequest['input']['csv']; rejects: Rejects },
): RowReader {
  const absent = columns.map(({ field, source }) =>
    source.kind === 'field' || source.kind === 'absent' ? writeDefaultText(field) : null,
  )
  const readers = columns.map(({ field }, i) => (columnIndexes[i] === null ? null : createFieldReader(field.type, csv)))
  const rest = columns.findIndex(({ source }) => source.kind === 'rest')
  const indexes = [...columnIndexes, ...namedFields.map(({ index }) => index)]
  const isConverted = readers.some((reader) => reader !== null)
  return (line, fields) => {
    const values = indexes.map((index, i) => (index === null ? absent[i] : fields[index]) ?? null)
    if (rest >= 0) values[rest] = restText(restIndexes, names, fields)
    return !isConverted || convert(line, values) ? values : null
  }

  function convert(line: number, values: CsvField[]): boolean {
    let isRejected = false
    for (const [i, reader] of readers.entries()) {
      const text = values[i] ?? null
      const value = reader === null || text === null ? text : reader(text)
      if (value instanceof FormatMisfit) {
        isRejected = true
        rejects.add({ line, column: columns[i]?.field.name ?? null, value: text, reason: value.reason })
      } else values[i] = value
    }
    if (isRejected) rejects.addRow(line)
    return !isRejected
  }
}

/** Null fields are left out. A JSON object of texts is also the form of a map. */
function restText(indexes: readonly number[], names: readonly string[], fields: readonly CsvField[]): string {
  const members = indexes.flatMap((index) => {
    const text = fields[index] ?? null
    return text === null ? [] : [`${JSON.stringify(names[index])}:${JSON.stringify(text)}`]
  })
  return `{${members.join(',')}}`
}

/** Whether DuckDB reads the file by the same rules, as far as its options say. */
export function isPlainCsv({ csv }: InputRequest['input'], plan: LoadPlan): boolean {
  return (
    csv.quote === '"' &&
    csv.skippedLines === 0 &&
    csv.hasHeader &&
    csv.encoding === 'utf-8' &&
    csv.nullText === '' &&
    !plan.takesRest &&
    !plan.needsLines &&
    plan.columns.every(({ field, source }) => source.kind !== 'field' || createFieldReader(field.type, csv) === null)
  )
}
