import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { partitionColumnsBySpec, schemaForSpec } from '@/lib/iceberg/manifest/partition-tuple'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { type PartitionColumn, partitionColumns, type PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import { applyTransform, normalizeTransform } from '@/lib/iceberg/partitioning/transform'
import { toHex } from '@/lib/iceberg/schema/byte-text'
import type { Type, Value } from '@/lib/iceberg/schema/types'
import { type ColumnRanges, columnTypes, createColumnRanges } from '../deletes/key-bounds'
import { compareComparables, startsWithBytes, toComparable } from '../predicate/comparable'
import { isTruncatable } from '../predicate/file-metrics'
import type { ValueRange } from '../predicate/value-range'

type Tuple = readonly (Value | null)[]

/** A partition field by which files are compared with the partitions. */
type ComparedField = { sourceId: number; transform: string; column: PartitionColumn; index: number }

/** Transforms that keep the order of values, so that the bounds of a column bound its partition values. */
const ORDERED_TRANSFORMS = ['identity', 'truncate', 'year', 'month', 'day', 'hour']

/**
 * Judges whether a file might have a row of some partitions, whatever spec it was written with: by partition fields of
 * its spec with the same source and transform, and by the bounds of their source columns. It never says no wrongly.
 *
 * @param partitions of the spec, in the order of its fields; with none of them, no file has their rows
 * @param options.sourceIds compares only partition fields of these columns; absent: all
 */
export function createPartitionOverlap(
  metadata: Pick<TableMetadata, 'partitionSpecs' | 'schemas'>,
  spec: PartitionSpec,
  partitions: readonly Tuple[],
  { sourceIds }: { sourceIds?: ReadonlySet<number> } = {},
): (file: Pick<DataFile, 'specId' | 'partition' | 'recordCount' | 'metrics'>) => boolean {
  const fields = comparedFields(metadata, spec).filter(({ sourceId }) => sourceIds?.has(sourceId) !== false)
  const tuples = distinctTuples(partitions.map((partition) => fields.map(({ index }) => partition[index] ?? null)))
  const types = columnTypes(metadata)
  const bySpec = new Map<number, SpecOverlap>()
  const columnsBySpec = partitionColumnsBySpec(metadata)
  return (file) => {
    if (tuples.length === 0) return false
    const overlap = bySpec.get(file.specId) ?? groupForSpec(file.specId)
    bySpec.set(file.specId, overlap)
    if (overlap.shared.length > 0 && file.partition.length !== overlap.fieldCount) return true
    const key = overlap.shared.map(({ index }) => valueKey(file.partition[index] ?? null)).join('\n')
    const candidates = overlap.groups.get(key)
    if (candidates === undefined) return false
    if (overlap.others.length === 0) return true
    const rangeOf = createColumnRanges({ dataFile: file }, types)
    const tests = overlap.others.map(({ field, at }) => ({ at, test: createRangeTest(field, rangeOf, types) }))
    return candidates.some((tuple) => tests.every(({ at, test }) => test(tuple[at] ?? null)))
  }

  /** Partitions by their values in the fields that a spec shares with theirs. */
  function groupForSpec(specId: number): SpecOverlap {
    const ofFile = metadata.partitionSpecs.find((one) => one.specId === specId)
    const columns = columnsBySpec.get(specId) ?? []
    const shared: SpecOverlap['shared'] = []
    const others: SpecOverlap['others'] = []
    for (const [at, field] of fields.entries()) {
      const index = (ofFile?.fields ?? []).findIndex(
        ({ sourceId, transform }, i) =>
          sourceId === field.sourceId &&
          normalizeTransform(transform) === field.transform &&
          columns[i]?.sourceType !== 'unknown',
      )
      if (index >= 0) shared.push({ at, index })
      else others.push({ at, field })
    }
    const groups = Map.groupBy(tuples, (tuple) => shared.map(({ at }) => valueKey(tuple[at] ?? null)).join('\n'))
    return { fieldCount: ofFile?.fields.length ?? 0, shared, others, groups }
  }
}

type SpecOverlap = {
  fieldCount: number
  /** `at` among the compared fields, `index` among the fields of the file's spec. */
  shared: { at: number; index: number }[]
  others: { at: number; field: ComparedField }[]
  groups: ReadonlyMap<string, readonly Tuple[]>
}

function comparedFields({ schemas }: Pick<TableMetadata, 'schemas'>, spec: PartitionSpec): ComparedField[] {
  const schema = schemaForSpec(spec, schemas)
  if (schema === null) return []
  const columns = partitionColumns(spec, schema)
  return spec.fields.flatMap(({ sourceId, transform }, index) => {
    const column = columns[index]
    if (!column || column.transform.kind === 'void' || column.sourceType === 'unknown') return []
    return [{ sourceId, transform: normalizeTransform(transform), column, index }]
  })
}

function distinctTuples(tuples: readonly Tuple[]): Tuple[] {
  return [...new Map(tuples.map((tuple) => [tuple.map(valueKey).join('\n'), tuple])).values()]
}

/** Equal for equal values, also across a promotion, and for 0.0 and −0.0: a file is rather judged to overlap. */
function valueKey(value: Value | null): string {
  if (value === null) return 'null'
  if (value instanceof Uint8Array) return `bytes ${toHex(value)}`
  if (typeof value === 'string') return `text ${JSON.stringify(value)}`
  return `value ${String(value)}`
}

/** Whether a file might have rows with a partition value, by the range of its source column. */
function createRangeTest(
  { sourceId, column }: ComparedField,
  rangeOf: ColumnRanges,
  types: ReadonlyMap<number, Type>,
): (value: Value | null) => boolean {
  const range = rangeOf(sourceId)
  const bounds = transformedBounds(column, range, types.get(sourceId))
  return (value) => {
    if (value === null) return range.mightHoldNull
    if (!range.mightHoldValue) return Number.isNaN(value) && range.mightHoldNan
    if (bounds === null || Number.isNaN(value)) return true
    const comparable = toComparable(column.type, value)
    const { lower, upper } = bounds
    if (lower !== null && compareComparables(comparable, lower) < 0) return false
    if (upper === null || !(compareComparables(comparable, upper) > 0)) return true
    return range.isTruncatable && startsWithBytes(comparable, upper)
  }
}

/** Null if nothing is known about the order of the partition values. */
function transformedBounds(
  { transform, sourceType }: PartitionColumn,
  { lower, upper }: ValueRange,
  type: Type | undefined,
): Pick<ValueRange, 'lower' | 'upper'> | null {
  if (!ORDERED_TRANSFORMS.includes(transform.kind) || type !== sourceType) return null
  if (isTruncatable(sourceType)) return transform.kind === 'identity' ? { lower, upper } : null
  const apply = (bound: ValueRange['lower']): ValueRange['lower'] => {
    if (bound === null || bound instanceof Uint8Array) return null
    const value = applyTransform(transform, sourceType, bound)
    return typeof value === 'number' || typeof value === 'bigint' ? value : null
  }
  return { lower: apply(lower), upper: apply(upper) }
}
