import type { FieldSummary, ManifestFile } from '@/lib/iceberg/manifest/manifest'
import { schemaForSpec } from '@/lib/iceberg/manifest/partition-tuple'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { type PartitionColumn, partitionColumns } from '@/lib/iceberg/partitioning/partition-spec'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { PrimitiveType, Type, Value } from '@/lib/iceberg/schema/types'
import { toComparable } from '../predicate/comparable'
import { type BoundCondition, type BoundPredicate, evaluate } from '../predicate/predicate'
import { withBounds } from '@/lib/scan/predicate/file-metrics'
import { type PartitionTest, projectCondition } from './partition-projection'
import { UNKNOWN_RANGE, type ValueRange } from '@/lib/scan/predicate/value-range'

/** The partitions of a table that might have matching rows, for all its specs. */
export type PartitionFilter = {
  /** By the summaries of a manifest's partitions. */
  mightMatchManifest(manifest: Pick<ManifestFile, 'partitionSpecId' | 'partitions'>): boolean
  /** By a file's partition values, in the order of its spec's fields. */
  mightMatchPartition(specId: number, partition: readonly (Value | null)[]): boolean
}

/** A condition's tests of partition values, one for each partition field of its column. */
type ProjectedTest = { index: number; column: PartitionColumn; test: PartitionTest }
type SpecFilter = { fieldCount: number; testsOf: (condition: BoundCondition) => readonly ProjectedTest[] }

/**
 * Projects a predicate onto the partitions of every spec. A partition field that decides nothing matches: unknown
 * transforms, fields whose source column is of another type, specs that the metadata does not have.
 *
 * Spec: Iceberg table spec, *Scan Planning*.
 */
export function createPartitionFilter(
  predicate: BoundPredicate,
  { partitionSpecs, schemas }: Pick<TableMetadata, 'partitionSpecs' | 'schemas'>,
): PartitionFilter {
  const filterBySpec = new Map<number, SpecFilter | null>()

  const filterOf = (specId: number): SpecFilter | null => {
    const known = filterBySpec.get(specId)
    if (known !== undefined) return known
    const spec = partitionSpecs.find((candidate) => candidate.specId === specId)
    const schema = spec && schemaForSpec(spec, schemas)
    const filter = spec && schema ? createSpecFilter(spec.fields, partitionColumns(spec, schema)) : null
    filterBySpec.set(specId, filter)
    return filter
  }
  const mightMatch = (filter: SpecFilter, rangeOf: (projected: ProjectedTest) => ValueRange): boolean =>
    evaluate(predicate, (condition) =>
      filter.testsOf(condition).every((projected) => projected.test(rangeOf(projected))),
    )

  return {
    mightMatchManifest({ partitionSpecId, partitions }) {
      const filter = filterOf(partitionSpecId)
      // Writers may leave the summaries out.
      if (filter === null || partitions.length !== filter.fieldCount) return true
      return mightMatch(filter, ({ index, column }) => summaryRange(partitions[index], column.type))
    },
    mightMatchPartition(specId, partition) {
      const filter = filterOf(specId)
      if (filter === null || partition.length !== filter.fieldCount) return true
      return mightMatch(filter, ({ index, column }) => exactRange(column.type, partition[index] ?? null))
    },
  }
}

function createSpecFilter(fields: readonly { sourceId: number }[], columns: readonly PartitionColumn[]): SpecFilter {
  const testsByCondition = new Map<BoundCondition, readonly ProjectedTest[]>()
  const project = (condition: BoundCondition): ProjectedTest[] =>
    columns.flatMap((column, index) => {
      if (fields[index]?.sourceId !== condition.column.fieldId) return []
      if (!isSameKind(column.sourceType, condition.column.type)) return []
      const test = projectCondition(condition, column.transform)
      return test ? [{ index, column, test }] : []
    })
  return {
    fieldCount: columns.length,
    testsOf: (condition) => {
      const tests = testsByCondition.get(condition) ?? project(condition)
      testsByCondition.set(condition, tests)
      return tests
    },
  }
}

/** Whether values of two types compare, and have the same partitions: a promotion of numbers changes neither. */
function isSameKind(sourceType: PrimitiveType, type: Type): boolean {
  if (typeof type !== 'string') return false
  const [source, tested] = [parsePrimitive(sourceType), parsePrimitive(type)]
  if (source.kind === 'decimal') return tested.kind === 'decimal' && tested.scale === source.scale
  const kinds = [source.kind, tested.kind]
  if (kinds.every((kind) => kind === 'int' || kind === 'long')) return true
  return kinds.every((kind) => kind === 'float' || kind === 'double') || sourceType === type
}

function summaryRange(summary: FieldSummary | undefined, type: PrimitiveType): ValueRange {
  if (summary === undefined) return UNKNOWN_RANGE
  const isFloating = type === 'float' || type === 'double'
  const counted: ValueRange = {
    ...UNKNOWN_RANGE,
    mightHoldNull: summary.containsNull,
    mightHoldNan: isFloating && summary.containsNan !== false,
    // Bounds are null if all values are, but also if a writer left them out.
    mightHoldValue: true,
  }
  return { ...withBounds(counted, type, summary.lowerBound, summary.upperBound), isTruncatable: false }
}

function exactRange(type: PrimitiveType, value: Value | null): ValueRange {
  const isNan = Number.isNaN(value)
  const bound = value === null || isNan ? null : toComparable(type, value)
  return {
    lower: bound,
    upper: bound,
    isTruncatable: false,
    mightHoldNull: value === null,
    mightHoldNan: isNan,
    mightHoldValue: bound !== null,
  }
}
