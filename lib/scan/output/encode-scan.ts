import type { NameMapping } from '@/lib/iceberg/schema/name-mapping'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ByteSource } from '@/lib/parquet/byte-source'
import type { DeleteFile } from '../deletes/delete-file'
import { LiveRows } from '../live-rows'
import { createRowReader, type RowReader } from '../read-rows'
import type { DataFileCodecs } from '../read/file-facts'
import type { ScanFile, ScanFiles } from '../scan-files'
import { createRowEncoder, type EncoderOptions } from './create-row-encoder'
import { type EncodedRows, encodeRows } from './encode-rows'
import type { RowFormat } from './row-encoder'

/** Rows are read in order, so decoded pages are not needed for long. */
const CACHE_BYTES = 32 * 1024 * 1024

export type ScanOutput = EncoderOptions & {
  /** The columns, in order. */
  fields: readonly NestedField[]
  nameMapping: NameMapping | null
  format: RowFormat
  /** Infinity for all rows. */
  limit: number
}

/** Where the files of a scan are, and how their bytes are read. */
export type ScanInput<File extends ScanFile> = {
  files: ScanFiles<File>
  open: (file: File) => ByteSource
  openDelete: (file: DeleteFile) => ByteSource
  codecs: DataFileCodecs
}

/**
 * The rows of a scan as bytes, in order, without deleted ones; see {@link encodeRows}.
 *
 * @throws {AppError} as the reader and the encoder do
 */
export async function* encodeScan<File extends ScanFile>(
  { fields, nameMapping, format, limit, ...options }: ScanOutput,
  { files, open, openDelete, codecs }: ScanInput<File>,
): AsyncGenerator<EncodedRows, void> {
  const reader: RowReader = createRowReader({
    fields,
    nameMapping,
    codecs,
    files: new LiveRows<ScanFile>(files, (uncounted, signal) => reader.countDeleted(uncounted, signal)),
    open: (file) => open(file as File),
    openDelete,
    limits: { cacheBytes: CACHE_BYTES },
  })
  yield* encodeRows({
    readRows: (rows) => reader.readRows(rows),
    fieldIds: fields.map(({ id }) => id),
    encoder: await createRowEncoder(format, fields, options),
    limit,
  })
}
