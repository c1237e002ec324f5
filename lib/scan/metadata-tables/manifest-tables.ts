import { partitionColumnsBySpec } from '@/lib/iceberg/manifest/partition-tuple'
import type { ManifestFile } from '@/lib/iceberg/manifest/manifest'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { PARTITION_SUMMARIES } from '@/lib/iceberg/metadata/unreadable-bounds'
import type { PartitionColumn } from '@/lib/iceberg/partitioning/partition-spec'
import { formatTransformedValue } from '@/lib/iceberg/partitioning/transform'
import { tryDecodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { RowValue } from '../read/row-value'
import type { FoundManifest } from './manifest-sequence'
import {
  listType,
  type MetadataColumn,
  type MetadataTable,
  optionalColumn,
  type ReportUnreadable,
  requiredColumn,
  toMetadataTable,
} from './metadata-table'

/** Metadata tables with a row per manifest. */

const SUMMARY_TYPE = {
  type: 'struct',
  fields: [
    { id: 10, name: 'contains_null', type: 'boolean', required: true },
    { id: 11, name: 'contains_nan', type: 'boolean', required: false },
    { id: 12, name: 'lower_bound', type: 'string', required: false },
    { id: 13, name: 'upper_bound', type: 'string', required: false },
  ],
} as const

/** @param manifests of one snapshot, or of several, of which each row then names the one that lists the manifest */
export function manifestsTable(
  metadata: TableMetadata,
  { estimatedRowCount, ofSeveralSnapshots }: { estimatedRowCount: number; ofSeveralSnapshots: boolean },
  manifests: () => AsyncIterable<FoundManifest>,
): MetadataTable {
  const columnsOf = partitionColumnsBySpec(metadata)
  const column = (
    id: number,
    name: string,
    type: 'int' | 'long' | 'string',
    valueOf: (manifest: ManifestFile) => RowValue | null,
  ): MetadataColumn<FoundManifest> => optionalColumn(id, name, type, ({ manifest }) => valueOf(manifest))
  const fileCounts = (content: ManifestFile['content'], ids: readonly [number, number, number]) => {
    const kind = content === 'data' ? 'data' : 'delete'
    const countOf = (manifest: ManifestFile, count: number | null) => (manifest.content === content ? count : 0)
    return [
      column(ids[0], `added_${kind}_files_count`, 'int', (each) => countOf(each, each.addedFilesCount)),
      column(ids[1], `existing_${kind}_files_count`, 'int', (each) => countOf(each, each.existingFilesCount)),
      column(ids[2], `deleted_${kind}_files_count`, 'int', (each) => countOf(each, each.deletedFilesCount)),
    ]
  }
  return toMetadataTable(
    [
      column(14, 'content', 'int', ({ content }) => (content === 'data' ? 0 : 1)),
      column(1, 'path', 'string', ({ manifestPath }) => manifestPath),
      column(2, 'length', 'long', ({ manifestLengthBytes }) => BigInt(manifestLengthBytes)),
      column(3, 'partition_spec_id', 'int', ({ partitionSpecId }) => partitionSpecId),
      column(4, 'added_snapshot_id', 'long', ({ addedSnapshotId }) => BigInt(addedSnapshotId)),
      ...fileCounts('data', [5, 6, 7]),
      ...fileCounts('deletes', [15, 16, 17]),
      optionalColumn<FoundManifest>(8, PARTITION_SUMMARIES, listType(9, SUMMARY_TYPE), ({ manifest }, report) =>
        toSummaries(manifest, columnsOf.get(manifest.partitionSpecId) ?? [], report),
      ),
      ...(ofSeveralSnapshots
        ? [
            requiredColumn<FoundManifest>(18, 'reference_snapshot_id', 'long', ({ snapshot }) =>
              BigInt(snapshot.snapshotId),
            ),
          ]
        : []),
    ],
    estimatedRowCount,
    manifests,
  )
}

/** Null if the writer left the summaries out. */
function toSummaries(
  { partitions, manifestPath }: ManifestFile,
  columns: readonly PartitionColumn[],
  report: ReportUnreadable,
): RowValue | null {
  if (partitions.length === 0 && columns.length > 0) return null
  return partitions.map(({ containsNull, containsNan, lowerBound, upperBound }, index) => {
    const column = columns[index]
    const toText = (bytes: Uint8Array | null) => {
      const text = boundText(column, bytes)
      if (text === null && column !== undefined) report({ column: column.name, file: manifestPath })
      return text
    }
    return [containsNull, containsNan, toText(lowerBound), toText(upperBound)]
  })
}

/**
 * As Iceberg writes partition values: a month as `2001-06`, and a bound that there is not as `null`. Null for bytes that
 * are not a value of the type.
 */
function boundText(column: PartitionColumn | undefined, bytes: Uint8Array | null): string | null {
  if (column === undefined) return null
  const { transform, sourceType, type } = column
  const value = bytes === null ? null : tryDecodeSingleValue(type, bytes)
  return bytes !== null && value === null ? null : formatTransformedValue(transform, sourceType, value)
}
