import { formatPercent } from '@/lib/format/percent'
import { formatQuantity } from '@/lib/format/count'
import { draftOfDeclaration } from '@/lib/iceberg/new-table/new-table-draft'
import { indexFields, typeLabel } from '@/lib/iceberg/schema/schema'
import { type FileSample, MAX_SAMPLE_BYTES, sampleCsv, sampleJsonLines } from '@/lib/ingest/sample-file'
import type { Filling } from './filling'
import type { SampledColumn } from './sample-column'

/** Files of text, whose types are sampled: by their extension, as in a load. */
export const TEXT_FILE = /\.(csv|ndjson|jsonl)$/i

/** The table that a CSV file or a file of JSON lines needs, by the types of its first rows. */
export async function readTextAsTable(file: File): Promise<Filling> {
  const bytes = new Uint8Array(await file.slice(0, MAX_SAMPLE_BYTES).arrayBuffer())
  const isWhole = file.size <= MAX_SAMPLE_BYTES
  const sample = /\.csv$/i.test(file.name) ? await sampleCsv(bytes, isWhole) : sampleJsonLines(bytes, isWhole)
  return sampleAsTable(sample, file.name)
}

function sampleAsTable({ columns, rowCount, isCut }: FileSample, fileName: string): Filling {
  const draft = draftOfDeclaration({ columns: columns.map(({ name, type }) => ({ name, type })) })
  const sampled = new Map<number, SampledColumn>()
  const byName = new Map(columns.map((column) => [column.name, column]))
  for (const [id, { field, path }] of indexFields(draft.schema)) {
    const column = path.length === 1 ? byName.get(field.name) : undefined
    if (!column) continue
    const { example, nullCount } = column.sampled
    const nulls = nullCount > 0 ? `${formatPercent(nullCount / rowCount)} null` : null
    sampled.set(id, {
      text: [example, nulls].filter((part) => part !== null).join(', '),
      type: typeLabel(field.type),
      doubt: column.inferred.doubt,
    })
  }
  const name = fileName.replace(TEXT_FILE, '').replaceAll(/[^\p{L}\p{N}_]+/gu, '_')
  const rows = isCut ? `its first ${formatQuantity(rowCount, 'row')}` : formatQuantity(rowCount, 'row')
  return {
    draft,
    name: name.toLowerCase().slice(0, 255),
    source: fileName,
    sample: { source: `${fileName}, ${rows}`, columns: sampled },
    loadFile: fileName,
  }
}
