import { formatCount, formatQuantity } from '@/lib/format/count'
import { draftOfDeclaration } from '@/lib/changes/new-table/new-table-draft'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import { CSV_DEFAULTS, type CsvOptions } from '@/lib/ingest/csv-options'
import { checkCsvOptions } from '@/lib/ingest/field-reader'
import {
  type FileSample,
  findCsvHeader,
  MAX_SAMPLE_BYTES,
  sampleCsv,
  sampleJsonArray,
  sampleJsonLines,
} from '@/lib/ingest/sample-file'
import type { CsvQuestion } from '@/lib/ingest/readings/csv-question'
import { findOtherEncoding } from '@/lib/ingest/text-encoding'
import type { Filling } from '../filling'
import type { SampledColumn, SampledRows } from '../sample-column'
import { type FileBeginning, readBeginning } from './file-beginning'
import { sum } from '@/lib/sum'
import { indexFields } from '@/lib/iceberg/schema/schema'
import { listFieldSamples } from './field-samples'
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
  const sampledBytes = countSampledBytes(beginning, further)
  return {
    filling: sampleAsTable(sample, file, { csv, sampledBytes, read: rows }),
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
  const sample = isArray ? await sampleJsonArray(bytes, isWhole) : await sampleJsonLines(bytes, isWhole, further)
  const sampledBytes = countSampledBytes(beginning, further)
  const read = () => readJsonRows(bytes, isWhole, { isArray, further })
  return sampleAsTable(sample, file, { csv: null, sampledBytes, read })
}

/** Null for a compressed file. */
function countSampledBytes({ bytes, isCompressed }: FileBeginning, further: readonly Uint8Array[]): number | null {
  if (isCompressed) return null
  return further.length > 0 ? sum(further.map(({ length }) => length)) : bytes.length
}

function sampleAsTable(
  { columns, rowCount, furtherCount, unreadable, isTruncated }: FileSample,
  { name: fileName, size: fileBytes }: File,
  rows: Pick<SampledRows, 'csv' | 'sampledBytes' | 'read'>,
): Filling {
  const draft = draftOfDeclaration({ columns: columns.map(({ name, type }) => ({ name, type })) })
  const sampled = new Map<number, SampledColumn>()
  const byName = new Map(columns.map((column) => [column.name, column.sampled]))
  for (const { field, sample, text } of listFieldSamples(draft.schema.fields, byName, rowCount + furtherCount)) {
    const { doubt, exactType } = sample.finish()
    sampled.set(field.id, { text, type: typeLabel(field.type), doubt, exactType })
  }
  const first = isTruncated ? `its first ${formatQuantity(rowCount, 'row')}` : formatQuantity(rowCount, 'row')
  const more = furtherCount > 0 ? ` and ${formatCount(furtherCount)} from all over it` : ''
  const from = furtherCount > 0 ? 'spread' : isTruncated ? 'beginning' : 'whole'
  const paths = new Map(Array.from(indexFields(draft.schema), ([id, { path }]) => [id, path]))
  return {
    draft,
    name: tableNameOf(fileName),
    source: fileName,
    sample: {
      source: `${fileName}, ${first}${more}`,
      columns: sampled,
      unreadable,
      rows: { fileName, fileBytes, from, paths, ...rows },
    },
  }
}
