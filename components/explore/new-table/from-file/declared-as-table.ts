import { draftOfDeclaration } from '@/lib/changes/new-table/new-table-draft'
import { AppError } from '@/lib/errors'
import { minFormatVersion } from '@/lib/iceberg/metadata/table-rules'
import { indexFields } from '@/lib/iceberg/schema/schema'
import { readArrowFields } from '@/lib/ingest/arrow/arrow-records'
import { readAvroFileType } from '@/lib/ingest/avro-records'
import { declareArrow } from '@/lib/ingest/declared/declare-arrow'
import { declareAvro } from '@/lib/ingest/declared/declare-avro'
import type { DeclaredFile } from '@/lib/ingest/declared/declared-file'
import type { Filling } from '../filling'
import type { SampledColumn } from '../sample-column'
import { tableNameOf } from './table-name-of'

/** Files with a schema at their beginning, by their extension, as in a load. */
export const AVRO_FILE = /\.avro$/i
export const ARROW_FILE = /\.(arrows?|feather|ipc)$/i

const CHUNK_BYTES = 64 * 1024
const MAX_REASONS = 5

/** The table that an Avro file needs. Reads only its header. */
export async function readAvroAsTable(file: File): Promise<Filling> {
  return declaredAsTable(declareAvro(await readAvroFileType(chunksOf(file), file.name)), file.name)
}

/** The table that an Arrow file or stream needs. Reads only its schema. */
export async function readArrowAsTable(file: File): Promise<Filling> {
  const readEnd = async (sizeBytes: number) =>
    new Uint8Array(await file.slice(Math.max(0, file.size - sizeBytes)).arrayBuffer())
  return declaredAsTable(declareArrow(await readArrowFields(chunksOf(file), { name: file.name, readEnd })), file.name)
}

/** Only what is read is taken from the disk: in `file.stream()` browsers read ahead. */
async function* chunksOf(file: File): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < file.size; at += CHUNK_BYTES)
    yield new Uint8Array(await file.slice(at, at + CHUNK_BYTES).arrayBuffer())
}

function declaredAsTable({ columns, doubts, omitted }: DeclaredFile, fileName: string): Filling {
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
  const sampled = new Map<number, SampledColumn>()
  for (const [id, { field, path }] of indexFields(draft.schema)) {
    const type = typeof field.type === 'string' ? field.type : ''
    sampled.set(id, { text: type, type, doubt: doubts.get(path.join('.')) ?? null })
  }
  return {
    draft: { ...draft, formatVersion: minFormatVersion(draft.schema) },
    name: tableNameOf(fileName),
    source: fileName,
    sample: { source: `the schema of ${fileName}`, columns: sampled, rows: null },
    omitted: reasons,
  }
}
