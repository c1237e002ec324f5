import { draftOfDeclaration } from '@/lib/changes/new-table/new-table-draft'
import { AppError } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import { minFormatVersion } from '@/lib/iceberg/metadata/table-rules'
import { indexFields } from '@/lib/iceberg/schema/schema'
import { readArrowFields } from '@/lib/ingest/arrow/arrow-records'
import { readAvroFileType } from '@/lib/ingest/avro-records'
import { declareArrow } from '@/lib/ingest/declared/declare-arrow'
import { declareAvro } from '@/lib/ingest/declared/declare-avro'
import type { DeclaredFile } from '@/lib/ingest/declared/declared-file'
import { MisfitCounter } from '@/lib/ingest/sample/column-misfits'
import type { Filling } from '../filling'
import type { CountMisfits, SampledColumn } from '../sample-column'
import { listFieldSamples, pathsById } from './field-samples'
import { chunksOf, type FirstRecords, readFileEnd, readFirstArrowRecords, readFirstAvroRecords } from './first-records'
import { tableNameOf } from './table-name-of'

/** Files with a schema at their beginning, by their extension, as in a load. */
export const AVRO_FILE = /\.avro$/i
export const ARROW_FILE = /\.(arrows?|feather|ipc)$/i

const MAX_REASONS = 5

/** The table that an Avro file needs, with the values of its first rows. */
export async function readAvroAsTable(file: File): Promise<Filling> {
  const declared = declareAvro(await readAvroFileType(chunksOf(file), file.name))
  return declaredAsTable(declared, file, readFirstAvroRecords)
}

/** The table that an Arrow file or stream needs, with the values of its first rows. */
export async function readArrowAsTable(file: File): Promise<Filling> {
  const readEnd = (sizeBytes: number) => readFileEnd(file, sizeBytes)
  const declared = declareArrow(await readArrowFields(chunksOf(file), { name: file.name, readEnd }))
  return declaredAsTable(declared, file, readFirstArrowRecords)
}

async function declaredAsTable(
  { columns, doubts, omitted }: DeclaredFile,
  file: File,
  readFirst: typeof readFirstAvroRecords,
): Promise<Filling> {
  const fileName = file.name
  const reasons = omitted.map(({ name, path, reason }) => ({ name, reason: `${path} ${reason}` }))
  if (columns.length === 0)
    throw new AppError(
      'not-supported',
      reasons.length === 0
        ? `${fileName} has no columns.`
        : `${fileName} has no column that Iceberg can hold: ${reasons
            .slice(0, MAX_REASONS)
            .map(({ reason }) => reason)
            .join('; ')}.`,
    )
  const draft = draftOfDeclaration({ columns })
  const omittedNames = omitted.map(({ name }) => name)
  const first = await readFirst(file, omittedNames)
  const countMisfits: CountMisfits = async (chosen) => {
    const counters = chosen.map((column) => new MisfitCounter(column))
    await readFirst(file, omittedNames, (row, line) => {
      for (const counter of counters) counter.addRow(row, line)
    })
    return counters.map((counter) => counter.finish())
  }
  const samples = listFieldSamples(draft.schema.fields, first.samples, first.rowCount)
  const texts = new Map(samples.map(({ field, text }) => [field.id, text]))
  const sampled = new Map<number, SampledColumn>()
  for (const [id, { field, path }] of indexFields(draft.schema)) {
    const type = typeof field.type === 'string' ? field.type : ''
    sampled.set(id, { text: texts.get(id) ?? '', type, doubt: doubts.get(path.join('.')) ?? null })
  }
  return {
    draft: { ...draft, formatVersion: minFormatVersion(draft.schema) },
    name: tableNameOf(fileName),
    source: fileName,
    sample: {
      source: `the schema of ${fileName}${describeRows(first)}`,
      columns: sampled,
      unreadable: first.unreadable,
      rows: null,
      countMisfits,
      paths: pathsById(draft),
    },
    omitted: reasons,
  }
}

function describeRows({ rowCount, isWhole }: FirstRecords): string {
  if (rowCount === 0) return ''
  return ` and its ${isWhole ? '' : 'first '}${formatQuantity(rowCount, 'row')}`
}
