import type { NameMapping } from '@/lib/iceberg/properties/name-mapping'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { importCode } from '@/lib/import-code'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { DamagedParquet, OUT_OF_BYTES, OversizedParquet, UnsupportedParquet } from '@/lib/parquet/errors'
import { type ParquetFooter, readFooter } from '@/lib/parquet/footer'
import type { PageCodecs } from '@/lib/parquet/page-codecs'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { ChunkPages } from '../chunk-pages'
import { CountedSource, type ReadTally } from '../counted-source'
import { fieldIdsByNameMapping } from '../name-mapping'
import type { OpenAvroFile } from './avro/avro-file'
import { type ColumnShape, leavesOf, toColumnShape } from './column-shape'
import type { FetchGroupOptions, ReadVectors } from './fetch-options'
import { positionIds } from './file-columns'
import { type DataFileCodecs, type DataFileFacts, mappingOf, missingValueOf } from './file-facts'
import { selectLevels } from './leaf-spans'
import { readColumn } from './read-column'
import { readMetadataColumn } from './metadata-columns'

/** An opened file of rows in any format: a data file, or a delete file, whose columns have reserved field ids. */
export type OpenDataFile = OpenParquetFile | OpenAvroFile

/** A Parquet file whose footer was read, and whose codecs are loaded. */
export type OpenParquetFile = {
  format: 'parquet'
  source: CountedSource
  facts: DataFileFacts
  /** Rows that are fetched together at most, in the order of the file. */
  rowGroups: ParquetFooter['rowGroups']
  codecs: PageCodecs
  footer: ParquetFooter
  fieldIdOf: (node: SchemaNode) => number | null
}

export type OpenOptions = {
  codecs: DataFileCodecs
  tally: ReadTally
  /** How many bytes at the file's end to read first, which hopefully contain the footer. */
  tailBytes: number
  signal?: AbortSignal | undefined
}

/**
 * Opens a file in the format that its manifest entry gives.
 *
 * @throws {DamagedParquet}, {UnsupportedParquet}, {OversizedParquet}; {AppError} of Avro files, and of the source
 */
export async function openDataFile(
  source: ByteSource,
  facts: DataFileFacts,
  options: OpenOptions,
): Promise<OpenDataFile> {
  const { fileFormat = 'parquet' } = facts
  if (fileFormat === 'parquet') return await openParquetFile(source, facts, options)
  if (fileFormat === 'avro') {
    const { avro, avroBlocks } = options.codecs
    const { openAvroDataFile } = await loadAvro()
    return await openAvroDataFile(source, facts, { ...options, codecs: avro, blockCache: avroBlocks })
  }
  throw new UnsupportedParquet(`it is written as ${fileFormat.toUpperCase()}, whose rows Lakeshore cannot read`)
}

/** Few tables have data files in Avro, so the worker of a page loads the code for the first one. */
function loadAvro() {
  return importCode(() => import('./avro/avro-file'))
}

/** Throws as {@link openDataFile}. */
export async function openParquetFile(
  source: ByteSource,
  facts: DataFileFacts,
  { codecs, tally, tailBytes, signal }: Omit<OpenOptions, 'codecs'> & { codecs: PageCodecs },
): Promise<OpenParquetFile> {
  const counted = new CountedSource(source, tally)
  const footer = await readFooter(counted, { tailBytes, ...(signal && { signal }) })
  if (facts.hasOwnColumns !== true && footer.rowCount !== facts.recordCount) {
    throw new DamagedParquet(`it holds ${footer.rowCount} rows, but the table's manifest says ${facts.recordCount}`)
  }
  await codecs.load?.(new Set(footer.rowGroups.flatMap(({ columns }) => columns.map(({ codec }) => codec))))
  const { rowGroups } = footer
  const fieldIdOf = facts.hasOwnColumns === true ? positionResolver(footer) : fieldIdResolver(footer, mappingOf(facts))
  return { format: 'parquet', source: counted, facts, rowGroups, codecs, footer, fieldIdOf }
}

/**
 * Fetches columns of a table for some rows of a row group. The result decodes them: any rows among these, without
 * waiting. Of a Parquet file with an offset index only the pages that contain the rows are fetched, otherwise column
 * chunks; of an Avro file the blocks that contain the rows.
 *
 * @throws {DamagedParquet}, {UnsupportedParquet}, {OversizedParquet}, naming the column, as does the result; {AppError}
 *   of Avro files, and of the source
 */
export async function fetchGroup(
  file: OpenDataFile,
  groupIndex: number,
  options: FetchGroupOptions,
): Promise<ReadVectors> {
  if (file.format === 'avro') return await (await loadAvro()).fetchAvroGroup(file, groupIndex, options)
  const { fields, chunks, readsWhole = false } = options
  const group = file.footer.rowGroups[groupIndex]
  if (!group) throw new DamagedParquet(`it has no row group ${groupIndex}`)
  const needed = new Map<SchemaNode, NeededChunk>()
  const shapes = fields.map((field) =>
    withColumn(field, () => {
      const shape = shapeOf(file, field)
      for (const node of leavesOf(shape)) {
        const leaf = node.leaf?.index ?? 0
        const chunk = group.columns[leaf]
        if (!chunk) throw new DamagedParquet('a row group lacks a column')
        if (chunk.isEncrypted) {
          throw new UnsupportedParquet(`column ${node.path.join('.')} is encrypted, which Lakeshore cannot read`)
        }
        const pages = chunks.get(leaf) ?? new ChunkPages(node, chunk, group, { codecs: file.codecs, readsWhole })
        chunks.set(leaf, pages)
        needed.set(node, { pages, field })
      }
      return shape
    }),
  )
  await fetchPages([...needed.values()], file.source, options)
  return (from, to, reserveMemory) =>
    shapes.map((shape, i) =>
      withColumn(fields[i], () => {
        const stored = readColumn(shape, {
          rowCount: to - from,
          reserveMemory,
          levelsOf: (node) =>
            selectLevels(node, needed.get(node)?.pages.pages(from, to, reserveMemory) ?? [], from, to),
        })
        const rows = { firstPosition: group.firstRow + from, reserveMemory }
        const field = fields[i]
        return (field && readMetadataColumn(field, stored, file.facts.origin, rows)) ?? stored
      }),
    )
}

/** A column chunk, and the first of the table's columns that need it. */
type NeededChunk = { pages: ChunkPages; field: NestedField }

/** First the offset indexes, if there are any, then pages. */
async function fetchPages(
  chunks: readonly NeededChunk[],
  source: CountedSource,
  { from, to, reserveMemory, signal }: FetchGroupOptions,
): Promise<void> {
  for (let round = 0; round < 3; round++) {
    const missing = chunks.map(({ pages }) => pages.missingSpans(from, to))
    const spans = missing.flat()
    if (spans.length === 0) return
    reserveMemory(spans.reduce((sum, span) => sum + span.end - span.start, 0))
    const bytes = await source.readSpans(spans, signal)
    let next = 0
    chunks.forEach(({ pages, field }, i) => {
      const count = missing[i]?.length ?? 0
      withColumn(field, () => pages.accept(from, to, bytes.slice(next, next + count), reserveMemory))
      next += count
    })
  }
}

function shapeOf({ footer, fieldIdOf, facts }: OpenParquetFile, field: NestedField): ColumnShape {
  return toColumnShape(field, footer.schema, { fieldIdOf, missingValueOf: missingValueOf(facts) })
}

/** Adds the column to an error, and its name, unless the message names a column of the file. */
function withColumn<T>(field: NestedField | undefined, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!field) throw error
    if (error instanceof RangeError) {
      throw new DamagedParquet(`column ${field.name}: ${OUT_OF_BYTES}`, { cause: error, column: field })
    }
    for (const Kind of [OversizedParquet, DamagedParquet, UnsupportedParquet]) {
      if (!(error instanceof Kind)) continue
      const isNamed = error.message.startsWith('column ')
      const message = isNamed ? error.message : `column ${field.name}: ${error.message}`
      throw new Kind(message, { cause: error, column: field })
    }
    throw error
  }
}

function positionResolver({ schema }: ParquetFooter): (node: SchemaNode) => number | null {
  const ids = positionIds(schema)
  return (node) => ids.get(node) ?? null
}

/**
 * Returns the field ids of a file's columns: from the file, otherwise from the table's name mapping.
 *
 * @throws {UnsupportedParquet} when it has neither, because columns are never matched by name alone
 */
export function fieldIdResolver(
  footer: Pick<ParquetFooter, 'schema'>,
  nameMapping: NameMapping | null,
): (node: SchemaNode) => number | null {
  const hasIds = (node: SchemaNode): boolean => node.fieldId !== null || node.children.some(hasIds)
  if (footer.schema.children.some(hasIds)) return (node) => node.fieldId
  if (!nameMapping) throw new UnsupportedParquet('its columns have no field ids, and the table has no name mapping')
  const ids = fieldIdsByNameMapping(footer.schema, nameMapping)
  return (node) => ids.get(node) ?? null
}
