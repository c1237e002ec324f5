import 'server-only'
import type { Metrics } from '@/lib/iceberg/manifest/manifest'
import { type IndexedField, indexFields } from '@/lib/iceberg/schema/schema'
import { encodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType, Schema } from '@/lib/iceberg/schema/types'
import { lowerBound, upperBound } from './bounds'
import { quoteIdentifier, quoteLiteral } from '../duckdb/column-type'
import type { DuckdbSession } from '../duckdb/duckdb-session'
import { type ColumnChunks, type Extremes, toExtremes, readFooterExtremes, readFooter } from './file-footer'
import type { MetricsMode, MetricsModes } from './metrics-modes'
import { valueFromText, valueTextSql } from '../duckdb/value-text'

/** Figures of a file's rows, independent of how they are stored. */
export type MeasuredRows = {
  recordCount: number
  metrics: Omit<Metrics, 'columnSizesBytes'>
  leaves: readonly LeafColumn[]
}

/** A primitive column at any depth, and where it is in the file. */
export type LeafColumn = IndexedField & {
  type: PrimitiveType
  mode: MetricsMode
  chunkPath: string
  chunks: ColumnChunks
}

/**
 * The metrics of a file for manifests, read back from the file itself: from its footer, and by one pass over the columns
 * whose footer is not sufficient (NaN, bytes).
 */
export async function measureFile(
  session: DuckdbSession,
  file: string,
  schema: Schema,
  metrics: MetricsModes,
): Promise<MeasuredRows> {
  const footer = await readFooter(session, file)
  const leafColumns = findLeafColumns(schema, metrics, footer.chunks)
  const footerColumns = leafColumns.filter((leaf) => hasBounds(leaf) && hasFooterExtremes(leaf))
  const fromFooter = footerColumns.length === 0 ? [] : await readFooterExtremes(session, footerColumns)
  const scanned = await scanFile(session, file, leafColumns)
  const extremes = new Map([
    ...footerColumns.map(({ field }, i): [number, Extremes | undefined] => [field.id, fromFooter[i]]),
    ...scanned.extremes,
  ])
  return {
    recordCount: footer.recordCount,
    metrics: toMetrics(leafColumns, extremes, scanned.nanCounts),
    leaves: leafColumns,
  }
}

function findLeafColumns(
  schema: Schema,
  metrics: MetricsModes,
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
}

async function scanFile(session: DuckdbSession, file: string, leaves: readonly LeafColumn[]): Promise<ScanResult> {
  const boundedColumns = leaves.filter((leaf) => hasBounds(leaf) && !hasFooterExtremes(leaf))
  const floatingColumns = leaves.filter((leaf) => isFloating(leaf) && !leaf.isRepeated && leaf.mode.kind !== 'none')
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
  ]
  if (columns.length === 0) return { extremes: [], nanCounts: new Map() }
  const [row = {}] = await session.rows(`SELECT ${columns.join(', ')} FROM read_parquet(${quoteLiteral(file)})`)
  return {
    extremes: boundedColumns.map((leaf, i) => [leaf.field.id, toExtremes(row, i)] as const),
    nanCounts: new Map(floatingColumns.map((leaf, i) => [leaf.field.id, Number(row[`nans_${i}`])])),
  }
}

function toMetrics(
  leaves: readonly LeafColumn[],
  extremes: ReadonlyMap<number, Extremes | undefined>,
  nanCounts: ReadonlyMap<number, number>,
): MeasuredRows['metrics'] {
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
