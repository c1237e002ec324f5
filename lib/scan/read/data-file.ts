import type { NameMapping } from '@/lib/iceberg/schema/name-mapping'
import type { NestedField, Value } from '@/lib/iceberg/schema/types'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { DamagedParquet, OversizedParquet, UnsupportedParquet } from '@/lib/parquet/errors'
import { type ParquetFooter, readFooter } from '@/lib/parquet/footer'
import type { PageCodecs } from '@/lib/parquet/page-codecs'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import type { ReserveMemory } from '@/lib/parquet/values'
import { ChunkPages } from '../chunk-pages'
import { CountedSource, type ReadTally } from '../counted-source'
import { fieldIdsByNameMapping } from '../name-mapping'
import { type ColumnShape, leavesOf, toColumnShape } from './column-shape'
import { initialDefaultOf } from './initial-default'
import { selectLevels } from './leaf-spans'
import { readColumn } from './read-column'
import { type FileOrigin, readMetadataColumn } from './metadata-columns'
import type { RowValue } from './row-value'
import type { Vector } from './vector'

/** The facts about a data file that its table knows. */
export type DataFileFacts = {
  recordCount: number
  /** Values of identity partition fields by source field id; they replace columns that the file leaves out. */
  constants: ReadonlyMap<number, Value | null>
  /** For files written without field ids. */
  nameMapping: NameMapping | null
  /** Needed for metadata columns only. */
  origin?: FileOrigin
}

/** A Parquet file whose footer was read, and whose codecs are loaded. */
export type OpenDataFile = {
  source: CountedSource
  facts: DataFileFacts
  codecs: PageCodecs
  footer: ParquetFooter
  fieldIdOf: (node: SchemaNode) => number | null
}

export type OpenOptions = {
  codecs: PageCodecs
  tally: ReadTally
  /** How many bytes at the file's end to read first, which hopefully contain the footer. */
  tailBytes: number
  signal?: AbortSignal | undefined
}

/**
 * @throws {DamagedParquet}, {UnsupportedParquet}, {OversizedParquet}; {AppError} of the source
 */
export async function openDataFile(
  source: ByteSource,
  facts: DataFileFacts,
  { codecs, tally, tailBytes, signal }: OpenOptions,
): Promise<OpenDataFile> {
  const counted = new CountedSource(source, tally)
  const footer = await readFooter(counted, { tailBytes, ...(signal && { signal }) })
  if (footer.rowCount !== facts.recordCount) {
    throw new DamagedParquet(`it holds ${footer.rowCount} rows, but the table's manifest says ${facts.recordCount}`)
  }
  await codecs.load?.(new Set(footer.rowGroups.flatMap(({ columns }) => columns.map(({ codec }) => codec))))
  return { source: counted, facts, codecs, footer, fieldIdOf: fieldIdResolver(footer, facts.nameMapping) }
}

export type FetchGroupOptions = {
  /** Rows of the row group; `to` is exclusive. */
  from: number
  to: number
  fields: readonly NestedField[]
  /** Column chunks by the index of their leaf; those that are not there are added. */
  chunks: ChunkCache
  /** Whether all rows of the row group are read. */
  readsWhole?: boolean
  reserveMemory: ReserveMemory
  signal?: AbortSignal | undefined
}

type ChunkCache = { get(leaf: number): ChunkPages | undefined; set(leaf: number, chunk: ChunkPages): unknown }

/** Columns in the order of the fields, for rows from `from` to before `to`; called in any order. */
export type ReadVectors = (from: number, to: number, reserveMemory: ReserveMemory) => Vector[]

/**
 * Fetches columns of a table for some rows of a row group. The result decodes them: any rows among these, without
 * waiting. Of a file with an offset index only the pages that contain the rows are fetched, otherwise column chunks.
 *
 * @throws {DamagedParquet}, {UnsupportedParquet}, {OversizedParquet}, naming the column, as does the result; {AppError}
 *   of the source
 */
export async function fetchGroup(
  file: OpenDataFile,
  groupIndex: number,
  options: FetchGroupOptions,
): Promise<ReadVectors> {
  const { fields, chunks, readsWhole = false } = options
  const group = file.footer.rowGroups[groupIndex]
  if (!group) throw new DamagedParquet(`it has no row group ${groupIndex}`)
  const shapes = fields.map((field) => shapeOf(file, field))
  const needed = new Map<SchemaNode, ChunkPages>()
  for (const node of shapes.flatMap(leavesOf)) {
    const leaf = node.leaf?.index ?? 0
    const chunk = group.columns[leaf]
    if (!chunk) throw new DamagedParquet('a row group lacks a column')
    if (chunk.isEncrypted) {
      throw new UnsupportedParquet(`column ${node.path.join('.')} is encrypted, which Lakeshore cannot read`)
    }
    const pages = chunks.get(leaf) ?? new ChunkPages(node, chunk, group, { codecs: file.codecs, readsWhole })
    chunks.set(leaf, pages)
    needed.set(node, pages)
  }
  await fetchPages([...needed.values()], file.source, options)
  return (from, to, reserveMemory) =>
    shapes.map((shape, i) =>
      withColumnName(fields[i]?.name, () => {
        const stored = readColumn(shape, {
          rowCount: to - from,
          reserveMemory,
          levelsOf: (node) => selectLevels(node, needed.get(node)?.pages(from, to, reserveMemory) ?? [], from, to),
        })
        const rows = { firstPosition: group.firstRow + from, reserveMemory }
        const field = fields[i]
        return (field && readMetadataColumn(field, stored, file.facts.origin, rows)) ?? stored
      }),
    )
}

/** First the offset indexes, if there are any, then pages. */
async function fetchPages(
  chunks: readonly ChunkPages[],
  source: CountedSource,
  { from, to, reserveMemory, signal }: FetchGroupOptions,
): Promise<void> {
  for (let round = 0; round < 3; round++) {
    const missing = chunks.map((chunk) => chunk.missingSpans(from, to))
    const spans = missing.flat()
    if (spans.length === 0) return
    reserveMemory(spans.reduce((sum, span) => sum + span.end - span.start, 0))
    const bytes = await source.readSpans(spans, signal)
    let next = 0
    chunks.forEach((chunk, i) => {
      const count = missing[i]?.length ?? 0
      chunk.accept(from, to, bytes.slice(next, next + count), reserveMemory)
      next += count
    })
  }
}

function shapeOf({ footer, fieldIdOf, facts }: OpenDataFile, field: NestedField): ColumnShape {
  return toColumnShape(field, footer.schema, {
    fieldIdOf,
    missingValueOf: (missing) => facts.constants.get(missing.id) ?? defaultOf(missing, facts),
  })
}

/** A null partition value is a value, so the default does not replace it. */
function defaultOf(field: NestedField, { constants }: DataFileFacts): RowValue | null {
  return constants.has(field.id) ? null : initialDefaultOf(field)
}

/** Adds the name of the column to an error, unless it names a column of the file. */
function withColumnName<T>(name: string | undefined, work: () => T): T {
  try {
    return work()
  } catch (error) {
    for (const Kind of [OversizedParquet, DamagedParquet, UnsupportedParquet]) {
      if (error instanceof Kind && !error.message.startsWith('column ')) {
        throw new Kind(`column ${name}: ${error.message}`, { cause: error })
      }
    }
    throw error
  }
}

/**
 * Returns the field ids of a file's columns: from the file, otherwise from the table's name mapping.
 *
 * @throws {UnsupportedParquet} when it has neither, because columns are never matched by name alone
 */
function fieldIdResolver(footer: ParquetFooter, nameMapping: NameMapping | null): (node: SchemaNode) => number | null {
  const hasIds = (node: SchemaNode): boolean => node.fieldId !== null || node.children.some(hasIds)
  if (footer.schema.children.some(hasIds)) return (node) => node.fieldId
  if (!nameMapping) throw new UnsupportedParquet('its columns have no field ids, and the table has no name mapping')
  const ids = fieldIdsByNameMapping(footer.schema, nameMapping)
  return (node) => ids.get(node) ?? null
}
