import type { NameMapping } from '@/lib/iceberg/properties/name-mapping'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ByteSource } from '@/lib/parquet/byte-source'
import type { DeleteFile } from '../deletes/delete-file'
import { LiveRows } from '../live-rows'
import { createMatchingRows } from '../matching-rows'
import { createRowReader, type RowReader } from '../read-rows'
import type { DataFileCodecs } from '../read/file-facts'
import type { ScanFile, ScanFiles } from '../scan-files'
import { createRowEncoder, type EncoderOptions } from './create-row-encoder'
import { type EncodedRows, type EncodeOptions, encodeRows } from './encode-rows'
import { readInOrder } from './read-in-order'
import type { RowFormat } from './row-encoder'

/** Rows are read in order, so decoded pages are not needed for long. */
const CACHE_BYTES = 32 * 1024 * 1024

/** A filter on the rows. It can be posted to another thread. */
export type OutputFilter = {
  /** As JSON, see `predicate-json`. */
  where: string
  /** The fields of the schema that it is bound to. */
  fields: readonly NestedField[]
}

export type ScanOutput = EncoderOptions & {
  /** The columns, in order. */
  fields: readonly NestedField[]
  nameMapping: NameMapping | null
  format: RowFormat
  /** Infinity for all rows. */
  limit: number
  filter: OutputFilter | null
  /** For each row of the output its position among the rows, which pass the filter; by default these in their order. */
  order?: Uint32Array | null
}

/** Where the files of a scan are, and how their bytes are read. */
export type ScanInput<File extends ScanFile> = {
  /** The files of a scan without a filter. */
  files: ScanFiles<File>
  /** The files in order; for a scan with a filter the files that might match. */
  listFiles: () => AsyncIterable<File>
  open: (file: File) => ByteSource
  openDelete: (file: DeleteFile) => ByteSource
  codecs: DataFileCodecs
}

type ReadRows = EncodeOptions['readRows']

/**
 * The rows of a scan as bytes, in order, without deleted ones; see {@link encodeRows}.
 *
 * @throws {AppError} invalid-request for a filter that does not fit its fields; as the reader and the encoder do
 */
export async function* encodeScan<File extends ScanFile>(
  output: ScanOutput,
  input: ScanInput<File>,
): AsyncGenerator<EncodedRows, void> {
  const { fields, format, limit, filter, isFormulaSafe = false, order = null } = output
  const readRows = filter === null ? await readerOf(output, input) : filteredReaderOf(output, filter, input)
  yield* encodeRows({
    readRows: order === null ? readRows : readInOrder(readRows, order),
    fieldIds: fields.map(({ id }) => id),
    encoder: await createRowEncoder(format, fields, { isFormulaSafe }),
    limit,
  })
}

async function readerOf<File extends ScanFile>(
  { fields, nameMapping, order = null }: ScanOutput,
  { files, open, openDelete, codecs }: ScanInput<File>,
): Promise<ReadRows> {
  const live = new LiveRows<ScanFile>(files, (uncounted, signal) => reader.countDeleted(uncounted, signal))
  const reader: RowReader = createRowReader({
    fields,
    nameMapping,
    codecs,
    files: live,
    open: (file) => open(file as File),
    openDelete,
    limits: { cacheBytes: CACHE_BYTES },
  })
  // Rows that are not read from the first to the last have their position only when all deleted ones are known.
  if (order !== null) await live.count(await files.filesForRows(0, files.rowCount))
  return (options) => reader.readRows(options)
}

function filteredReaderOf<File extends ScanFile>(
  { fields, nameMapping }: ScanOutput,
  filter: OutputFilter,
  { listFiles, ...input }: ScanInput<File>,
): ReadRows {
  const options = { ...input, fields, nameMapping, filter, cacheBytes: CACHE_BYTES }
  const { rows } = createMatchingRows<File>({ ...options, files: listFiles() })
  return (read) => rows.readRows(read)
}
