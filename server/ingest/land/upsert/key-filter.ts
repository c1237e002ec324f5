import 'server-only'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { RowFilter } from '@/lib/iceberg/operations/operation'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import { columnTypes, createColumnRanges, type KeyRanges, mightShareKeys } from '@/lib/scan/deletes/key-bounds'
import { mightNameOneOf, namedDataFile } from '@/lib/scan/deletes/named-data-file'
import { compareComparables } from '@/lib/scan/predicate/comparable'
import type { ValueRange } from '@/lib/scan/predicate/value-range'
import { createPartitionOverlap } from '@/lib/scan/prune/partition-overlap'
import type { KeyColumns } from './key-columns'

/** More ranges than this are joined to one, so that a file is judged in a short time. */
const MAX_RANGES = 100

export type KeyFilter = {
  /** Whether a data file might have a row with a key of the load. */
  mightHoldKeys(file: DataFile): boolean
  /**
   * The rows that other writers must not have changed. A delete file that names one data file matters only if that file
   * might hold keys.
   *
   * @param candidates the locations of the data files that were searched
   */
  toRowFilter(candidates: ReadonlySet<string>): RowFilter
}

/**
 * Judges files by the keys of a load: by the ranges of the key columns in its files, and by partition fields whose
 * sources are key columns. Other partition fields say nothing, because a row may have moved to another partition.
 *
 * @param files of the load
 */
export function createKeyFilter(
  metadata: TableMetadata,
  { keys, spec, files }: { keys: KeyColumns; spec: PartitionSpec; files: readonly DataFile[] },
): KeyFilter {
  const fieldIds = keys.map(({ fieldId }) => fieldId)
  const types = columnTypes(metadata)
  const sharesPartition = createPartitionOverlap(
    metadata,
    spec,
    files.map(({ partition }) => partition),
    { sourceIds: new Set(fieldIds) },
  )
  const ranges = joinRanges(
    files.map((dataFile): KeyRanges => {
      const rangeOf = createColumnRanges({ dataFile }, types)
      return new Map(fieldIds.map((fieldId) => [fieldId, rangeOf(fieldId)]))
    }),
  )
  const mightHoldKeys = (file: DataFile): boolean => {
    if (!sharesPartition(file)) return false
    const rangeOf = createColumnRanges({ dataFile: file }, types)
    return ranges.some((range) => mightShareKeys(rangeOf, range))
  }
  return {
    mightHoldKeys,
    toRowFilter: (candidates) => ({
      text: 'a key of the load',
      mightMatchManifest: () => true,
      mightMatchFile(file) {
        return namedDataFile(file) === null ? mightHoldKeys(file) : mightNameOneOf(file, candidates)
      },
      mustMatchFile: () => false,
      mustMatchPartition: () => false,
    }),
  }
}

function joinRanges(ranges: readonly KeyRanges[]): readonly KeyRanges[] {
  const [first, ...others] = ranges
  if (first === undefined || ranges.length <= MAX_RANGES) return ranges
  return [
    others.reduce(
      (joined, range) =>
        new Map([...joined].map(([fieldId, one]) => [fieldId, joinTwo(one, range.get(fieldId) ?? one)])),
      first,
    ),
  ]
}

function joinTwo(a: ValueRange, b: ValueRange): ValueRange {
  return {
    lower: a.lower === null || b.lower === null ? null : compareComparables(a.lower, b.lower) <= 0 ? a.lower : b.lower,
    upper: a.upper === null || b.upper === null ? null : compareComparables(a.upper, b.upper) >= 0 ? a.upper : b.upper,
    isTruncatable: a.isTruncatable || b.isTruncatable,
    mightHoldNull: a.mightHoldNull || b.mightHoldNull,
    mightHoldNan: a.mightHoldNan || b.mightHoldNan,
    mightHoldValue: a.mightHoldValue || b.mightHoldValue,
  }
}
