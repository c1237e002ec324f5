import { formatCount, formatQuantity } from '@/lib/format/count'
import { draftOfDeclaration } from '@/lib/changes/new-table/new-table-draft'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import { CSV_DEFAULTS, type CsvOptions } from '@/lib/ingest/csv-options'
import { checkCsvOptions } from '@/lib/ingest/field-reader'
import { findCsvHeader, readCsvSample, sampleCsv } from '@/lib/ingest/sample-file'
import { MisfitCounter } from '@/lib/ingest/sample/column-misfits'
import { type FileSample, MAX_SAMPLE_BYTES } from '@/lib/ingest/sample/file-sample'
import { readJsonSample, sampleJson } from '@/lib/ingest/sample/json-sample'
import type { CsvQuestion } from '@/lib/ingest/readings/csv-question'
import { findOtherEncoding } from '@/lib/ingest/text-encoding'
import type { Filling } from '../filling'
import type { CountMisfits, SampledColumn, SampledRows } from '../sample-column'
import { type FileBeginning, readBeginning } from './file-beginning'
import { sum } from '@/lib/sum'
import { listFieldSamples, pathsById } from './field-samples'
import { tableNameOf } from './table-name-of'
import { csvCut, readCsvRows, readFurther, readJsonRows } from './text-rows'

/** Texts of JSON, by their extension, as in a load. */
export const JSON_FILE = /\.(ndjson|jsonl|json)(\.(gz|zst|zstd))?$/i

/** A text that was read as CSV, with what may be read in another way. */
export type ReadCsv = {
  filling: Filling
  questions: readonly CsvQuestion[]
  /** The encoding in which it may be meant, if rows were left out because of their bytes. */
  otherEncoding: CsvOptions['encoding'] | null
}

/** The table that a CSV file needs, by the types of its first rows and of rows all over it, and how its values are to be read. */
export async function readCsvAsTable(file: File, csv: CsvOptions = CSV_DEFAULTS): Promise<ReadCsv> {
  checkCsvOptions(csv)
  const beginning = await readBeginning(file, MAX_SAMPLE_BYTES)
  const { bytes, isWhole } = beginning
  const read = { csv, ...(await findCsvHeader(bytes, isWhole, csv)) }
  const further = await readFurther(file, beginning, csvCut(read))
  const sample = await sampleCsv(bytes, isWhole, csv, further)
  const rows = () => readCsvRows(bytes, isWhole, { file: read, further })
  const countMisfits: CountMisfits = async (columns) => {
    const counters = columns.map((column) => ({
      index: read.names.indexOf(column.path[0] ?? ''),
      counter: new MisfitCounter(column, csv),
    }))
    await readCsvSample({ bytes, isWhole, further }, csv, (fields, line) => {
      for (const { index, counter } of counters) counter.addText(fields[index] ?? null, line)
    })
    return counters.map(({ counter }) => counter.finish())
  }
  const sampledBytes = countSampledBytes(beginning, further)
  return {
    filling: sampleAsTable(sample, file, { rows: { csv, sampledBytes, read: rows }, countMisfits }),
    questions: sample.findQuestions(),
    otherEncoding: findOtherEncoding(bytes, csv),
  }
}

/** The table that a file of JSON needs, by the types of its first rows, and of those of lines all over it. */
export async function readJsonAsTable(file: File): Promise<Filling> {
  const beginning = await readBeginning(file, MAX_SAMPLE_BYTES)
  const { bytes, isWhole } = beginning
  const isArray = /\.json$/i.test(file.name.replace(/\.(gz|zst|zstd)$/i, ''))
  const further = isArray ? [] : await readFurther(file, beginning)
  const json = { isArray, bytes, isWhole, further }
  const sample = await sampleJson(json)
  const sampledBytes = countSampledBytes(beginning, further)
  const read = () => readJsonRows(bytes, isWhole, { isArray, further })
  const countMisfits: CountMisfits = async (columns) => {
    const counters = columns.map((column) => new MisfitCounter(column))
    await readJsonSample(json, {
      add: (row, line) => {
        for (const counter of counters) counter.addRow(row, line)
      },
    })
    return counters.map((counter) => counter.finish())
  }
  return sampleAsTable(sample, file, { rows: { csv: null, sampledBytes, read }, countMisfits })
}

/** Null for a compressed file. */
function countSampledBytes({ bytes, isCompressed }: FileBeginning, further: readonly Uint8Array[]): number | null {
  if (isCompressed) return null
  return further.length > 0 ? sum(further.map(({ length }) => length)) : bytes.length
}

function sampleAsTable(
  { columns, rowCount, furtherCount, unreadable, isTruncated }: FileSample,
  { name: fileName, size: fileBytes }: File,
  { rows, countMisfits }: { rows: Pick<SampledRows, 'csv' | 'sampledBytes' | 'read'>; countMisfits: CountMisfits },
): Filling {
  const draft = draftOfDeclaration({ columns: columns.map(({ name, type }) => ({ name, type })) })
  const sampled = new Map<number, SampledColumn>()
  const byName = new Map(columns.map((column) => [column.name, column.sampled]))
  for (const { field, sample, text } of listFieldSamples(draft.schema.fields, byName, rowCount + furtherCount)) {
    const { doubt, exactType } = sample.finish()
    const { remarks, hasLeadingZeros } = sample
    sampled.set(field.id, { text, type: typeLabel(field.type), doubt, remarks, hasLeadingZeros, exactType })
  }
  const first = isTruncated ? `its first ${formatQuantity(rowCount, 'row')}` : formatQuantity(rowCount, 'row')
  const more = furtherCount > 0 ? ` and ${formatCount(furtherCount)} from all over it` : ''
  const from = furtherCount > 0 ? 'spread' : isTruncated ? 'beginning' : 'whole'
  const paths = pathsById(draft)
  return {
    draft,
    name: tableNameOf(fileName),
    source: fileName,
    sample: {
      source: `${fileName}, ${first}${more}`,
      columns: sampled,
      unreadable,
      rows: { fileName, fileBytes, from, paths, ...rows },
      countMisfits,
      paths,
    },
  }
}
