import 'server-only'
import type { Metrics } from '@/lib/iceberg/manifest/manifest'
import { type IndexedField, indexFields } from '@/lib/iceberg/schema/schema'
import { decodeSingleValue, encodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType, Schema, Value } from '@/lib/iceberg/schema/types'
import type { PhysicalType } from '@/lib/parquet/schema-node'
import type { MeasuredLeaf } from '@/server/parquet/transcode/chunk-summary'
import { lowerBound, upperBound } from './bounds'
import type { MetricsMode, MetricsModes } from './metrics-modes'

/** A primitive column at any depth, and where it is in a file that DuckDB wrote. */
export type LeafColumn = IndexedField & {
  type: PrimitiveType
  mode: MetricsMode
  /** Its path in the file, joined as in {@link chunkPathOf}. */
  chunkPath: string
}

export function listLeafColumns(schema: Schema, metrics: MetricsModes): LeafColumn[] {
  const index = indexFields(schema)
  return [...index.values()].flatMap((indexed) => {
    const { type } = indexed.field
    if (typeof type !== 'string') return []
    const mode = metrics.byColumn[indexed.path.join('.')] ?? metrics.fallback
    return [{ ...indexed, type, mode, chunkPath: chunkPathOf(filePath(index, indexed)) }]
  })
}

export function chunkPathOf(path: readonly string[]): string {
  return path.join(', ')
}

/** In the file, lists and maps have one more level. */
function filePath(index: ReadonlyMap<number, IndexedField>, { field, parentId }: IndexedField): string[] {
  const parent = parentId === null ? undefined : index.get(parentId)
  if (!parent) return [field.name]
  const { type } = parent.field
  const level = typeof type === 'string' || type.type === 'struct' ? [] : [type.type === 'list' ? 'list' : 'key_value']
  return [...filePath(index, parent), ...level, field.name]
}

/**
 * The metrics of a file for manifests, from the values that were written.
 *
 * @param measured the columns of the file
 */
export function toFileMetrics(
  leaves: readonly LeafColumn[],
  measured: readonly MeasuredLeaf[],
): Omit<Metrics, 'columnSizesBytes'> {
  const byPath = new Map(measured.map((leaf) => [chunkPathOf(leaf.path), leaf]))
  const counted = leaves
    .filter(({ mode }) => mode.kind !== 'none')
    .map((leaf) => {
      const found = byPath.get(leaf.chunkPath)
      if (!found) throw new Error(`the file has no column ${leaf.chunkPath}`)
      return { leaf, measured: found }
    })
  const lowerBounds = new Map<number, Uint8Array>()
  const upperBounds = new Map<number, Uint8Array>()
  for (const { leaf, measured: found } of counted) {
    const { extremes, physicalType } = found
    if (extremes === null || !hasBounds(leaf)) continue
    const { field, type, mode } = leaf
    const low = lowerBound(type, decodePlain(type, physicalType, extremes.min), mode)
    const high = upperBound(type, decodePlain(type, physicalType, extremes.max), mode)
    if (low !== null) lowerBounds.set(field.id, encodeSingleValue(type, low))
    if (high !== null) upperBounds.set(field.id, encodeSingleValue(type, high))
  }
  return {
    valueCounts: new Map(counted.map(({ leaf, measured: { valueCount } }) => [leaf.field.id, valueCount])),
    nullValueCounts: new Map(counted.map(({ leaf, measured: { nullCount } }) => [leaf.field.id, nullCount])),
    nanValueCounts: new Map(
      counted.flatMap(({ leaf, measured: { nanCount } }) =>
        isFloating(leaf) && !leaf.isRepeated ? [[leaf.field.id, nanCount] as const] : [],
      ),
    ),
    lowerBounds,
    upperBounds,
  }
}

function hasBounds({ mode, isRepeated }: LeafColumn): boolean {
  return !isRepeated && (mode.kind === 'full' || mode.kind === 'truncate')
}

function isFloating({ type }: LeafColumn): boolean {
  return type === 'float' || type === 'double'
}

/** Parquet's PLAIN encoding is that of Iceberg's single values, apart from decimals in integers, which end in the sign. */
function decodePlain(type: PrimitiveType, physicalType: PhysicalType, plain: Uint8Array): Value {
  const isInteger = physicalType === 'INT32' || physicalType === 'INT64'
  return decodeSingleValue(type, isInteger && type.startsWith('decimal') ? plain.toReversed() : plain)
}
