import { AppError } from '@/lib/errors'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { DECODE_LIMITS, toMebibytes } from '@/lib/parquet/decode-limits'
import { DamagedParquet, OversizedParquet, withFileName } from '@/lib/parquet/errors'
import type { ChunkPages } from '../chunk-pages'
import { DamagedDeletionVector } from '../deletes/deletion-vector'
import { POSITION_DELETE_FIELDS } from '../deletes/position-deletes'
import { positionRanges } from '../inspect/position-ranges'
import { fetchGroup, openDataFile } from '../read/data-file'
import type { DataFileCodecs } from '../read/file-facts'
import { createValueGetter, type RowValue } from '../read/row-values'
import type { FoundEntry } from './manifest-sequence'
import { countToLong, type MetadataTable, optionalColumn, requiredColumn, toMetadataTable } from './metadata-table'
import { createPartitionRows } from './partition-type'
import { createDeletesBudget } from '../deletes/delete-loader'

/** How delete files are opened. */
export type DeleteFileAccess = { open: (file: DataFile) => ByteSource; codecs: DataFileCodecs; signal?: AbortSignal }

type Deletion = { file: DataFile; path: RowValue | null; position: RowValue | null; row: RowValue | null }

/** Spec: Iceberg table spec, *Reserved Field IDs*. */
const DELETED_ROW_ID = 2_147_483_544
const PARTITION_ID = 2_147_483_541
const SPEC_ID = 2_147_483_542
const DELETE_FILE_PATH_ID = 2_147_483_543
const CONTENT_OFFSET_ID = 2_147_483_538
const CONTENT_SIZE_ID = 2_147_483_537

const BATCH_ROWS = 8_192
const TAIL_BYTES = 16 * 1024
/** Decoding a deletion vector cannot be interrupted: this many positions take about a twentieth of a second. */
const MAX_VECTOR_POSITIONS = 5_000_000
const MAX_VECTOR_BYTES = 16 * 1024 * 1024

/**
 * The rows that position delete files and deletion vectors delete, with the file that deletes each.
 *
 * Spec: Iceberg table spec, *Position Delete Files* and *Deletion Vectors*.
 *
 * @param entries live ones, of which equality deletes and data files are left out
 */
export function positionDeletesTable(
  metadata: TableMetadata,
  estimatedRowCount: number,
  { entries, access }: { entries: () => AsyncIterable<FoundEntry>; access: DeleteFileAccess },
): MetadataTable {
  const { type: partitionType, toRow } = createPartitionRows(metadata)
  const rowField: NestedField = {
    id: DELETED_ROW_ID,
    name: 'row',
    type: { type: 'struct', fields: currentSchema(metadata).fields },
    required: false,
  }
  return toMetadataTable<Deletion>(
    [
      optionalColumn(2_147_483_546, 'file_path', 'string', ({ path }) => path),
      optionalColumn(2_147_483_545, 'pos', 'long', ({ position }) => position),
      optionalColumn(rowField.id, rowField.name, rowField.type, ({ row }) => row),
      ...(partitionType === null
        ? []
        : [
            requiredColumn<Deletion>(PARTITION_ID, 'partition', partitionType, ({ file }) =>
              toRow(file.specId, file.partition),
            ),
          ]),
      requiredColumn(SPEC_ID, 'spec_id', 'int', ({ file }) => file.specId),
      requiredColumn(DELETE_FILE_PATH_ID, 'delete_file_path', 'string', ({ file }) => file.filePath),
      ...(metadata.formatVersion < 3
        ? []
        : [
            optionalColumn<Deletion>(CONTENT_OFFSET_ID, 'content_offset', 'long', ({ file }) =>
              countToLong(file.contentOffset),
            ),
            optionalColumn<Deletion>(CONTENT_SIZE_ID, 'content_size_in_bytes', 'long', ({ file }) =>
              countToLong(file.contentSizeBytes),
            ),
          ]),
    ],
    estimatedRowCount,
    readDeletions,
  )

  async function* readDeletions(names: readonly string[]): AsyncGenerator<Deletion, void> {
    const fields = names.includes(rowField.name) ? [...POSITION_DELETE_FIELDS, rowField] : POSITION_DELETE_FIELDS
    for await (const { entry } of entries()) {
      const file = entry.dataFile
      if (file.content !== 'position-deletes') continue
      if (file.fileFormat === 'puffin') yield* await readVector(file, access)
      else yield* readDeleteFile(file, fields, access)
    }
  }
}

async function readVector(file: DataFile, { open, signal }: DeleteFileAccess): Promise<Iterable<Deletion>> {
  const { contentOffset: start, contentSizeBytes: size, referencedDataFile: path, recordCount } = file
  return await withFileName(file.filePath, async () => {
    if (start === null || size === null || start < 0 || size < 0 || path === null)
      throw new DamagedParquet('its manifest does not say where the deletion vector is, and of which file')
    if (recordCount > MAX_VECTOR_POSITIONS || size > MAX_VECTOR_BYTES)
      throw new OversizedParquet(
        `its deletion vector of ${path} has ${recordCount} positions in ${size} bytes, more than ${MAX_VECTOR_POSITIONS} or ${toMebibytes(MAX_VECTOR_BYTES)}`,
      )
    const blob = await open(file).read(start, start + size, signal)
    try {
      const { ranges, count } = positionRanges(blob, MAX_VECTOR_POSITIONS)
      if (count === recordCount) return expandRanges(file, path, ranges)
      throw new DamagedDeletionVector(`it deletes ${count} rows, but its manifest says ${recordCount}`)
    } catch (cause) {
      if (!(cause instanceof DamagedDeletionVector)) throw cause
      throw new DamagedParquet(`the deletion vector of ${path} is damaged: ${cause.message}`, { cause })
    }
  })
}

function* expandRanges(
  file: DataFile,
  path: string,
  ranges: readonly { first: number; last: number }[],
): Generator<Deletion, void> {
  for (const { first, last } of ranges) {
    for (let position = first; position <= last; position++) yield { file, path, position: BigInt(position), row: null }
  }
}

async function* readDeleteFile(
  file: DataFile,
  fields: readonly NestedField[],
  { open, codecs, signal }: DeleteFileAccess,
): AsyncGenerator<Deletion, void> {
  const { filePath, fileFormat, fileSizeBytes, recordCount } = file
  if (fileFormat === 'orc')
    throw new AppError(
      'not-supported',
      `${filePath} deletes rows and is written as ORC, but Lakeshore reads only Parquet, Avro and Puffin.`,
      { facts: { file: filePath, format: fileFormat } },
    )
  const tally = { bytesRead: 0, requests: 0 }
  const opened = await withFileName(filePath, () =>
    openDataFile(
      open(file),
      { fileFormat, recordCount, constants: new Map(), nameMapping: null },
      { codecs, tally, tailBytes: Math.min(TAIL_BYTES, fileSizeBytes), signal },
    ),
  )
  for (const [index, { rowCount }] of opened.rowGroups.entries()) {
    const chunks = new Map<number, ChunkPages>()
    const options = {
      from: 0,
      to: rowCount,
      fields,
      chunks,
      readsWhole: true,
      reserveMemory: createDeletesBudget(DECODE_LIMITS.decodedBytes),
      signal,
    }
    const read = await withFileName(filePath, () => fetchGroup(opened, index, options))
    for (let from = 0; from < rowCount; from += BATCH_ROWS) {
      const to = Math.min(rowCount, from + BATCH_ROWS)
      const batch = await withFileName(filePath, () => {
        const vectors = read(from, to, createDeletesBudget(DECODE_LIMITS.decodedBytes))
        const reserveValueBytes = createDeletesBudget(DECODE_LIMITS.valueBytes)
        const getters = vectors.map((vector, i) =>
          createValueGetter(vector, fields[i]?.type ?? 'unknown', reserveValueBytes),
        )
        return Array.from({ length: to - from }, (_, i): Deletion => {
          const [path = null, position = null, row = null] = getters.map((getter) => getter(i))
          if (path === null || position === null) throw new DamagedParquet('a row has no path or no position')
          return { file, path, position, row }
        })
      })
      for (const chunk of chunks.values()) chunk.releaseBefore(to)
      yield* batch
    }
  }
}
