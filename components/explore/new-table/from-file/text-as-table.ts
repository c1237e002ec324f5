import { formatPercent } from '@/lib/format/percent'
import { formatQuantity } from '@/lib/format/count'
import { draftOfDeclaration } from '@/lib/changes/new-table/new-table-draft'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { CSV_DEFAULTS, type CsvOptions } from '@/lib/ingest/csv-options'
import { checkCsvOptions } from '@/lib/ingest/field-reader'
import type { TypeSample } from '@/lib/ingest/infer-type'
import {
  type FileSample,
  MAX_SAMPLE_BYTES,
  sampleCsv,
  sampleJsonArray,
  sampleJsonLines,
} from '@/lib/ingest/sample-file'
import type { CsvQuestion } from '@/lib/ingest/readings/csv-question'
import type { Filling } from '../filling'
import type { SampledColumn } from '../sample-column'
import { readBeginning } from './file-beginning'
import { tableNameOf } from './table-name-of'

/** Texts of JSON, by their extension, as in a load. */
export const JSON_FILE = /\.(ndjson|jsonl|json)(\.(gz|zst|zstd))?$/i

/** The table that a CSV file needs, by the types of its first rows, and how its values are to be read. */
export async function readCsvAsTable(
  file: File,
  csv: CsvOptions = CSV_DEFAULTS,
): Promise<{ filling: Filling; questions: readonly CsvQuestion[] }> {
  checkCsvOptions(csv)
  const { bytes, isWhole } = await readBeginning(file, MAX_SAMPLE_BYTES)
  const sample = await sampleCsv(bytes, isWhole, csv)
  return { filling: sampleAsTable(sample, file.name), questions: sample.findQuestions() }
}

/** The table that a file of JSON needs, by the types of its first rows. */
export async function readJsonAsTable(file: File): Promise<Filling> {
  const { bytes, isWhole } = await readBeginning(file, MAX_SAMPLE_BYTES)
  const name = file.name.replace(/\.(gz|zst|zstd)$/i, '')
  const sample = /\.json$/i.test(name) ? await sampleJsonArray(bytes, isWhole) : await sampleJsonLines(bytes, isWhole)
  return sampleAsTable(sample, file.name)
}

function sampleAsTable({ columns, rowCount, isTruncated }: FileSample, fileName: string): Filling {
  const draft = draftOfDeclaration({ columns: columns.map(({ name, type }) => ({ name, type })) })
  const sampled = new Map<number, SampledColumn>()
  const byName = new Map(columns.map((column) => [column.name, column.sampled]))
  addSamples(sampled, draft.schema.fields, byName, rowCount)
  const rows = isTruncated ? `its first ${formatQuantity(rowCount, 'row')}` : formatQuantity(rowCount, 'row')
  return {
    draft,
    name: tableNameOf(fileName),
    source: fileName,
    sample: { source: `${fileName}, ${rows}`, columns: sampled },
  }
}

/** @param parentCount number of rows or objects, in each of which a field may be missing */
function addSamples(
  sampled: Map<number, SampledColumn>,
  fields: readonly NestedField[],
  samples: ReadonlyMap<string, TypeSample>,
  parentCount: number,
): void {
  for (const { id, name, type } of fields) {
    const sample = samples.get(name)
    if (!sample) continue
    const missingCount = parentCount - sample.valueCount
    const nulls = missingCount > 0 ? `${formatPercent(missingCount / parentCount)} null` : null
    addSample(sampled, { id, type }, sample, nulls)
  }
}

function addSample(
  sampled: Map<number, SampledColumn>,
  { id, type }: Pick<NestedField, 'id' | 'type'>,
  sample: TypeSample,
  nulls: string | null,
): void {
  sampled.set(id, {
    text: [sample.example, nulls].filter((part) => part !== null).join(', '),
    type: typeLabel(type),
    doubt: sample.finish().doubt,
  })
  if (typeof type === 'string') return
  if (type.type === 'struct') addSamples(sampled, type.fields, sample.members, sample.valueCount)
  // Null items are not null rows, so their share is not shown.
  if (type.type === 'list' && sample.element)
    addSample(sampled, { id: type.elementId, type: type.element }, sample.element, null)
}
