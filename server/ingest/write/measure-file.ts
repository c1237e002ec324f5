import 'server-only'
import { stat } from 'node:fs/promises'
import type { Metrics } from '@/lib/iceberg/manifest/manifest'
import { fixedWidthBytes } from '@/lib/iceberg/schema/fixed-width'
import { type IndexedField, indexFields } from '@/lib/iceberg/schema/schema'
import { encodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType, Schema } from '@/lib/iceberg/schema/types'
import { sum } from '@/lib/sum'
import { lowerBound, upperBound } from './bounds'
import { quoteIdentifier, quoteLiteral } from '../cast/column-type'
import type { DuckdbSession } from '../duckdb-session'
import { type ColumnChunks, type Extremes, toExtremes, readFooterExtremes, readFooter } from './file-footer'
import { plainBytesSum } from './plain-bytes'
import type { MetricsMode, StagedFile, WriteSettings } from '../stage-request'
import { valueFromText, valueTextSql } from '../cast/value-text'

export type MeasuredFile = Pick<StagedFile, 'recordCount' | 'fileSizeBytes' | 'metrics' | 'splitOffsets' | 'sizes'>

/** A primitive column at any depth, and where it is in the file. */
type LeafColumn = IndexedField & { type: PrimitiveType; mode: MetricsMode; chunkPath: string; chunks: ColumnChunks }

/**
 * The metrics of a file for manifests and dashboards, read back from the file itself: from its footer, and by one pass
 * over the columns whose footer is not sufficient (strings' lengths, NaN).
 */
export async function measureFile(
  session: DuckdbSession,
  file: string,
  schema: Schema,
  write: WriteSettings,
): Promise<MeasuredFile> {
  const { size } = await stat(file)
  const footer = await readFooter(session, file)
  const leafColumns = findLeafColumns(schema, write.metrics, footer.chunks)
  const footerColumns = leafColumns.filter((leaf) => hasBounds(leaf) && hasFooterExtremes(leaf))
  const fromFooter = footerColumns.length === 0 ? [] : await readFooterExtremes(session, footerColumns)
  const scanned = await scanFile(session, file, schema, leafColumns)
  const extremes = new Map([
    ...footerColumns.map(({ field }, i): [number, Extremes | undefined] => [field.id, fromFooter[i]]),
    ...scanned.extremes,
  ])
  const chunks = leafColumns.map((leaf) => leaf.chunks)
  return {
    recordCount: footer.recordCount,
    fileSizeBytes: size,
    splitOffsets: footer.splitOffsets,
    metrics: toMetrics(leafColumns, extremes, scanned.nanCounts),
    sizes: {
      plainBytes: scanned.plainBytes,
      plainSource: 'counted',
      encodedBytes: sum(chunks.map(({ encodedBytes }) => encodedBytes)),
      storedBytes: sum(chunks.map(({ storedBytes }) => storedBytes)),
      codecs: Object.fromEntries(leafColumns.map((leaf) => [leaf.path.join('.'), leaf.chunks.codecs])),
    },
  }
}

function findLeafColumns(
  schema: Schema,
  metrics: WriteSettings['metrics'],
  chunks: ReadonlyMap<string, ColumnChunks>,
): LeafColumn[] {
  const index = indexFields(schema)
  return [...index.values()].flatMap((indexed) => {
    const { type } = indexed.field
    if (typeof type !== 'string') return []
    const mode = metrics.byColumn[indexed.path.join('.')] ?? metrics.fallback
    const chunkPath = toChunkPath(index, indexed)
    const columnChunks = chunks.get(chunkPath)
    if (!columnChunks) throw new Error(`the file has no column ${chunkPath}`)
    return [{ ...indexed, type, mode, chunkPath, chunks: columnChunks }]
  })
}

/** The path of a column in the footer, as DuckDB joins it: there lists and maps have one more level. */
function toChunkPath(index: ReadonlyMap<number, IndexedField>, { field, parentId }: IndexedField): string {
  const parent = parentId === null ? undefined : index.get(parentId)
  if (!parent) return field.name
  const { type } = parent.field
  const level = typeof type === 'string' || type.type === 'struct' ? [] : [type.type === 'list' ? 'list' : 'key_value']
  return [toChunkPath(index, parent), ...level, field.name].join(', ')
}

function hasBounds({ mode, isRepeated }: LeafColumn): boolean {
  return !isRepeated && (mode.kind === 'full' || mode.kind === 'truncate')
}

/**
 * Not for floats: their extremes exclude NaN, which the footer does not count. Not for bytes, which have no exact text
 * there. Other columns' texts may fail to parse as nanoseconds.
 */
function hasFooterExtremes({ type, chunks }: LeafColumn): boolean {
  if (type === 'timestamp_ns' || type === 'timestamptz_ns') return false
  if (type === 'float' || type === 'double' || type === 'binary' || type === 'uuid') return false
  return chunks.hasExactExtremes
}

type ScanResult = {
  extremes: (readonly [number, Extremes])[]
  nanCounts: ReadonlyMap<number, number>
  plainBytes: number
}

async function scanFile(
  session: DuckdbSession,
  file: string,
  schema: Schema,
  leaves: readonly LeafColumn[],
): Promise<ScanResult> {
  const boundedColumns = leaves.filter((leaf) => hasBounds(leaf) && !hasFooterExtremes(leaf))
  const floatingColumns = leaves.filter((leaf) => isFloating(leaf) && !leaf.isRepeated && leaf.mode.kind !== 'none')
  const plain = splitPlainBytes(schema, leaves)
  const columns = [
    ...boundedColumns.flatMap((leaf, i) => {
      const x = sqlPath(leaf)
      // In DuckDB NaN is above every number; Iceberg excludes it from bounds.
      const filter = isFloating(leaf) ? ` FILTER (NOT isnan(${x}))` : ''
      return [
        `${valueTextSql(leaf.type, `min(${x})${filter}`)} AS lowest_${i}`,
        `${valueTextSql(leaf.type, `max(${x})${filter}`)} AS highest_${i}`,
      ]
    }),
    ...floatingColumns.map((leaf, i) => `count(*) FILTER (isnan(${sqlPath(leaf)}))::DOUBLE AS nans_${i}`),
    ...(plain.sums.length === 0 ? [] : [`(${plain.sums.join(' + ')})::DOUBLE AS plain`]),
  ]
  if (columns.length === 0) return { extremes: [], nanCounts: new Map(), plainBytes: plain.bytes }
  const [row = {}] = await session.rows(`SELECT ${columns.join(', ')} FROM read_parquet(${quoteLiteral(file)})`)
  return {
    extremes: boundedColumns.map((leaf, i) => [leaf.field.id, toExtremes(row, i)] as const),
    nanCounts: new Map(floatingColumns.map((leaf, i) => [leaf.field.id, Number(row[`nans_${i}`])])),
    plainBytes: plain.bytes + Number(row.plain ?? 0),
  }
}

/** Fixed widths times the number of values in the footer, and SQL sums of the lengths of all other values. */
function splitPlainBytes(schema: Schema, leaves: readonly LeafColumn[]): { bytes: number; sums: readonly string[] } {
  let bytes = 0
  const sums: string[] = []
  for (const { name, id, type } of schema.fields) {
    const leaf = leaves.find(({ field }) => field.id === id)
    const width = leaf && fixedWidthBytes(leaf.type)
    if (leaf && typeof width === 'number' && leaf.chunks.nullCount !== null) {
      bytes += (leaf.chunks.valueCount - leaf.chunks.nullCount) * width
    } else sums.push(`(${plainBytesSum(type, quoteIdentifier(name))})`)
  }
  return { bytes, sums }
}

function toMetrics(
  leaves: readonly LeafColumn[],
  extremes: ReadonlyMap<number, Extremes | undefined>,
  nanCounts: ReadonlyMap<number, number>,
): Metrics {
  const counted = leaves.filter(({ mode }) => mode.kind !== 'none')
  const lowerBounds = new Map<number, Uint8Array>()
  const upperBounds = new Map<number, Uint8Array>()
  for (const { field, type, mode } of counted) {
    const { lowest = null, highest = null } = extremes.get(field.id) ?? {}
    const low = lowest === null ? null : lowerBound(type, valueFromText(type, lowest), mode)
    const high = highest === null ? null : upperBound(type, valueFromText(type, highest), mode)
    if (low !== null) lowerBounds.set(field.id, encodeSingleValue(type, low))
    if (high !== null) upperBounds.set(field.id, encodeSingleValue(type, high))
  }
  return {
    columnSizesBytes: new Map(counted.map(({ field, chunks }) => [field.id, chunks.storedBytes])),
    valueCounts: new Map(counted.map(({ field, chunks }) => [field.id, chunks.valueCount])),
    nullValueCounts: new Map(
      counted.flatMap(({ field, chunks }) =>
        chunks.nullCount === null ? [] : [[field.id, chunks.nullCount] as const],
      ),
    ),
    nanValueCounts: nanCounts,
    lowerBounds,
    upperBounds,
  }
}

function isFloating({ type }: LeafColumn): boolean {
  return type === 'float' || type === 'double'
}

function sqlPath({ path }: LeafColumn): string {
  return path.map(quoteIdentifier).join('.')
}
