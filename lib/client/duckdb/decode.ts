import { type Field, type Table, tableFromIPC, tableToIPC } from 'apache-arrow'
import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { withFileName } from '@/lib/parquet/errors'
import { DECODE_LIMITS, toMebibytes } from '@/lib/parquet/decode-limits'
import { checkDecodedSize, type StoredChunk } from '@/lib/parquet/decoded-size'
import { type ParquetFooter, readFooter } from '@/lib/parquet/footer'
import { fieldIdsByNameMapping } from '@/lib/scan/name-mapping'
import type { DecodedColumns, FooterSummary, LoadableFile } from './decode-messages'
import { arrowFieldIdsByNameMapping, parquetFieldId, mapToSchema, rowsWithoutColumns } from './map-to-schema'
import { type ChunkRange, chunkRanges, SparseFile } from './sparse-file'

/** The part of parquet-wasm that is used here; its browser build and its Node build both have it. */
export type ParquetDecoder = {
  ParquetFile: {
    fromFile(file: Pick<SparseFile, 'size' | 'slice'>): Promise<{
      read(options: {
        columns: string[]
        rowGroups: number[]
        batchSize: number
      }): Promise<{ intoIPCStream(): Uint8Array }>
      free(): void
    }>
  }
}

/** The facts of a file that its decoding depends on; the rest is about how to fetch it. */
export type FileFacts = Pick<LoadableFile, 'recordCount' | 'tailBytes' | 'constants' | 'nameMapping'>

/** A footer and the bytes at the end of the file that it was read from, so that they are read once. */
export type OpenFile = {
  source: ByteSource
  facts: FileFacts
  footer: ParquetFooter
  /** Field ids of the top-level columns, by their name in the file. */
  rootIds: ReadonlyMap<string, number>
  tail: Uint8Array
  tailStart: number
  readBytes: number
}

export type ColumnSelection = {
  rowGroups: readonly number[]
  /** The wanted columns; see {@link mapToSchema}. */
  fields: readonly NestedField[]
}

/** DuckDB's own row group; larger batches mean fewer messages. */
const BATCH_ROWS = 122_880

/**
 * Reads a footer and keeps its bytes.
 *
 * @throws {AppError} file-damaged, file-missing, not-supported (neither field ids nor a name mapping)
 */
export async function openFile(source: ByteSource, facts: FileFacts): Promise<OpenFile> {
  let tail = new Uint8Array()
  let tailStart = source.byteLength
  let readBytes = 0
  const { readEnd } = source
  const recordingSource: ByteSource = {
    name: source.name,
    get byteLength() {
      return source.byteLength
    },
    ...(readEnd && {
      async readEnd(lengthBytes: number) {
        tail = new Uint8Array(await readEnd(lengthBytes))
        tailStart = source.byteLength - tail.length
        readBytes += tail.length
        return tail
      },
    }),
    async read(start, end) {
      const bytes = await source.read(start, end)
      readBytes += bytes.length
      if (end === tailStart) {
        const joined = new Uint8Array(bytes.length + tail.length)
        joined.set(bytes)
        joined.set(tail, bytes.length)
        tail = joined
        tailStart = start
      }
      return bytes
    },
  }
  const footer = await readFooter(recordingSource, { tailBytes: facts.tailBytes })
  if (footer.rowCount !== facts.recordCount)
    throw new AppError(
      'file-damaged',
      `${source.name} has ${footer.rowCount} rows, but the table's manifest says ${facts.recordCount}.`,
      { facts: { file: source.name } },
    )
  return { source, facts, footer, rootIds: rootFieldIds(footer, facts, source.name), tail, tailStart, readBytes }
}

/** The facts of a file that a load needs to choose row groups and to estimate sizes. */
export function summarizeFooter({ source, footer, rootIds, readBytes }: OpenFile): FooterSummary {
  const rowGroups = footer.rowGroups.map(({ rowCount, columns }) => {
    const sizes = new Map<number, FooterSummary['rowGroups'][number]['columns'][number]>()
    for (const { leaf, storedBytes, encodedBytes, byteArrayBytes } of columns) {
      const fieldId = rootIds.get(footer.leaves[leaf]?.path[0] ?? '')
      if (fieldId === undefined) continue
      const previous = sizes.get(fieldId)
      sizes.set(fieldId, {
        fieldId,
        storedBytes: storedBytes + (previous?.storedBytes ?? 0),
        encodedBytes: encodedBytes + (previous?.encodedBytes ?? 0),
        byteArrayBytes:
          byteArrayBytes === null
            ? (previous?.byteArrayBytes ?? null)
            : byteArrayBytes + (previous?.byteArrayBytes ?? 0),
      })
    }
    return { rowCount, columns: [...sizes.values()] }
  })
  return { rowGroups, byteLength: source.byteLength, readBytes }
}

/** Runs the part of a decode that a bad file can crash; one at a time if the crash must be traced to a file. */
type GuardedRun = <T>(work: () => Promise<T>) => Promise<T>

/**
 * Decodes column chunks of some row groups to Arrow, reading only those chunks.
 *
 * @throws {AppError} too-large when they would exceed {@link DECODE_LIMITS}, which is checked before they are decoded;
 *   file-damaged, file-missing, not-supported. A page with false sizes can crash the decoder (`RuntimeError`): run this
 *   where it can be discarded.
 */
export async function decodeColumns(
  file: OpenFile,
  { rowGroups, fields }: ColumnSelection,
  parquet: ParquetDecoder,
  runGuarded: GuardedRun = (work) => work(),
): Promise<DecodedColumns> {
  const { source, facts, footer, rootIds, tail, tailStart } = file
  const rowCount = rowGroups.reduce((sum, index) => sum + (footer.rowGroups[index]?.rowCount ?? 0), 0)
  const { constants, nameMapping } = facts
  const ids = new Set(fields.map(({ id }) => id))
  const columns = [...rootIds].filter(([, id]) => ids.has(id)).map(([name]) => name)
  const constantBytes = checkConstants(file, fields, rowCount)
  if (columns.length === 0 || rowCount === 0) {
    const ipc = tableToIPC(rowsWithoutColumns(rowCount, fields, constants), 'stream')
    return { ipc, rowCount, readBytes: 0, fetched: { fromMs: 0, toMs: 0 }, decodeMs: 0 }
  }
  const { wanted, unread } = chunkRanges(footer, rowGroups, (root) => columns.includes(root))
  const sparse = new SparseFile(source, unread)
  sparse.addSegment(tailStart, tail)
  const fetchStartedAt = performance.now()
  await sparse.fetch(wanted)
  const fetched = { fromMs: performance.timeOrigin + fetchStartedAt, toMs: performance.timeOrigin + performance.now() }
  return await runGuarded(async () => {
    const decodeStartedAt = performance.now()
    await checkChunks(file, { sparse, wanted, fields, constantBytes })
    const table = await readTable(sparse, source.name, { columns, rowGroups }, parquet)
    const byName = nameMapping && arrowFieldIdsByNameMapping(table.schema.fields, nameMapping)
    const idOf = (field: Field) => parquetFieldId(field) ?? byName?.get(field) ?? null
    const mapped = mapToSchema(table, fields, constants, idOf)
    if (mapped.numRows !== rowCount)
      throw new AppError('file-damaged', `${source.name} declares ${rowCount} rows but has ${mapped.numRows}.`, {
        facts: { file: source.name },
      })
    const ipc = tableToIPC(mapped, 'stream')
    return { ipc, rowCount, readBytes: sparse.readBytes, fetched, decodeMs: performance.now() - decodeStartedAt }
  })
}

/** A constant for a column that the file leaves out is repeated in every row. */
function checkConstants({ source, facts, rootIds }: OpenFile, fields: readonly NestedField[], rowCount: number) {
  const idsInFile = new Set(rootIds.values())
  let bytes = 0
  for (const { id, name } of fields) {
    const text = idsInFile.has(id) ? null : facts.constants.get(id)
    if (text === null || text === undefined) continue
    bytes += rowCount * (new TextEncoder().encode(text).length + CONSTANT_OFFSET_BYTES)
    if (bytes > DECODE_LIMITS.decodedBytes)
      throw new AppError(
        'too-large',
        `${source.name}: with the partition value of column ${name} these rows take more than ` +
          `${toMebibytes(DECODE_LIMITS.decodedBytes)} of memory; leave the column out to read the others`,
        { facts: { file: source.name } },
      )
  }
  return bytes
}

const CONSTANT_OFFSET_BYTES = 8

async function checkChunks(
  { source, footer, rootIds }: OpenFile,
  {
    sparse,
    wanted,
    fields,
    constantBytes,
  }: { sparse: SparseFile; wanted: readonly ChunkRange[]; fields: readonly NestedField[]; constantBytes: number },
): Promise<void> {
  const namesById = new Map(fields.map(({ id, name }) => [id, name]))
  const chunks = await Promise.all(
    wanted.map(async (range): Promise<StoredChunk[]> => {
      const node = footer.leaves[range.chunk.leaf]
      if (!node) return []
      const { dictionaryPageOffset, startOffset } = range.chunk
      // parquet-wasm would start there, at other pages than those checked here.
      if (dictionaryPageOffset !== null && dictionaryPageOffset > 0 && dictionaryPageOffset !== startOffset)
        throw decodeError(source.name, 'its footer puts the dictionary of a column behind its values')
      const [root = '', ...below] = node.path
      const column = [namesById.get(rootIds.get(root) ?? -1) ?? root, ...below].join('.')
      return [{ column, node, chunk: range.chunk, bytes: await sparse.bytes(range) }]
    }),
  )
  await withFileName(source.name, () => checkDecodedSize(chunks.flat(), DECODE_LIMITS, constantBytes))
}

async function readTable(
  sparse: SparseFile,
  name: string,
  { columns, rowGroups }: { columns: string[]; rowGroups: readonly number[] },
  { ParquetFile }: ParquetDecoder,
): Promise<Table> {
  try {
    const file = await ParquetFile.fromFile(sparse)
    try {
      const result = await file.read({ columns, rowGroups: [...rowGroups], batchSize: BATCH_ROWS })
      return tableFromIPC(result.intoIPCStream())
    } finally {
      file.free()
    }
  } catch (error) {
    throw error instanceof AppError ? error : decodeError(name, error)
  }
}

function rootFieldIds(footer: ParquetFooter, { nameMapping }: FileFacts, file: string): Map<string, number> {
  const roots = footer.schema.children
  const hasIds = roots.length === 0 || roots.some(({ fieldId }) => fieldId !== null)
  if (!hasIds && nameMapping === null)
    throw new AppError(
      'not-supported',
      `${file} has no field ids and its table has no name mapping, so its columns cannot be identified.`,
      { facts: { file } },
    )
  const mapped = hasIds || nameMapping === null ? null : fieldIdsByNameMapping(footer.schema, nameMapping)
  return new Map(
    roots.flatMap((root) => {
      const id = root.fieldId ?? mapped?.get(root)
      return id === undefined ? [] : [[root.name, id] as const]
    }),
  )
}

/** A failure of the decoder, whose own message does not name the file. */
export function decodeError(file: string, cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new AppError('file-damaged', `${file} cannot be decoded: ${reason}`, { cause, facts: { file } })
}
