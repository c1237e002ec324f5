import 'server-only'
import { mightHoldLiveFiles } from '@/lib/iceberg/manifest/count-entries'
import type { z } from 'zod'
import { type PartitionListColumn, type PartitionSort, parseSort } from '@/lib/contract/table/file-sorts'
import { MAX_SUMMARIZED_COLUMNS } from '@/lib/contract/shapes/plain-values'
import type { ListedPartition, summarizeFiles } from '@/lib/contract/table/files'
import type { AsOf } from '@/lib/iceberg/as-of'
import { partitionComparator } from '@/lib/iceberg/manifest/compare-partitions'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { partitionColumnsBySpec } from '@/lib/iceberg/manifest/partition-tuple'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { targetFileSize } from '@/lib/iceberg/properties/target-file-size'
import { listEntries } from '@/lib/scan/metadata-tables/manifest-sequence'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { TableServices } from '@/server/table/table-services'
import { ColumnSums } from './column-sums'
import { openManifests } from './listed-entries'
import { describePartitions } from './live-files'
import { ValueRanges } from './value-ranges'

const PAGE_SIZE = 1_000

const LARGEST_FIRST: PartitionSort = '-stored'

/** A partition with the values that it is sorted by. */
type SummedPartition = { listed: ListedPartition; values: Pick<DataFile, 'specId' | 'partition'> }

/** Sums up the live files of a snapshot by size, by column and by partition. Throws as `openManifests` does. */
export async function readFileSummary(
  services: Pick<TableServices, 'database' | 'manifestCache'>,
  table: LoadedTable,
  asOf: AsOf,
  { offset, sort = LARGEST_FIRST, signal }: { offset: number; sort?: PartitionSort | undefined; signal: AbortSignal },
): Promise<z.output<typeof summarizeFiles.output>> {
  const open = await openManifests(services, table, asOf, signal)
  const { targetBytes, isTargetSet } = targetFileSize(table.metadata.properties)
  const describePartition = describePartitions(table.metadata)
  const partitions = new Map<string, SummedPartition>()
  const sizes = new ValueRanges(targetBytes)
  const sum = { dataFileCount: 0, dataBytes: 0 }
  const columns = new ColumnSums(offset === 0 ? open.schema.fields.slice(0, MAX_SUMMARIZED_COLUMNS) : [])
  const { takeTurns } = services.manifestCache
  const manifests = open.manifests.filter(mightHoldLiveFiles)
  for await (const { entry } of listEntries({ metadata: table.metadata, source: open.source }, manifests)) {
    if (entry.status === 'deleted') continue
    const { content, specId, recordCount, fileSizeBytes } = entry.dataFile
    const { partitionLabel: partition } = describePartition(entry)
    const key = `${specId} ${partition}`
    const summed = partitions.get(key) ?? {
      listed: emptyPartition(specId, partition),
      values: toValues(entry.dataFile),
    }
    partitions.set(key, summed)
    const own = summed.listed
    if (content === 'data') {
      sum.dataFileCount += 1
      sum.dataBytes += fileSizeBytes
      own.dataFileCount += 1
      own.dataBytes += fileSizeBytes
      own.rowCount += recordCount
      sizes.add(fileSizeBytes)
      columns.add(entry.dataFile)
    } else {
      own.deleteFileCount += 1
      own.deleteBytes += fileSizeBytes
    }
    await takeTurns()
  }
  const sorted = [...partitions.values()].toSorted(partitionSorter(table.metadata, sort))
  const page = sorted.slice(offset, offset + PAGE_SIZE)
  return {
    ...sum,
    targetBytes,
    isTargetSet,
    sizes: sizes
      .toList()
      .map(({ from, to, count, sum: totalBytes }) => ({ fromBytes: from, toBytes: to, fileCount: count, totalBytes })),
    smallestFileBytes: sizes.least,
    largestFileBytes: sizes.most,
    partitionCount: sorted.length,
    partitionsByFiles: countPartitionsBy(sorted, ({ dataFileCount }) => dataFileCount),
    partitionsByBytes: countPartitionsBy(sorted, ({ dataBytes }) => dataBytes),
    partitions: page.map(({ listed }) => listed),
    columns: columns.toList(),
    nextOffset: offset + page.length < sorted.length ? offset + page.length : null,
  }
}

/** Without the other fields of the file, which would stay in memory. */
function toValues({ specId, partition }: DataFile): SummedPartition['values'] {
  return { specId, partition }
}

function emptyPartition(specId: number, partition: string): ListedPartition {
  return { specId, partition, dataFileCount: 0, dataBytes: 0, rowCount: 0, deleteFileCount: 0, deleteBytes: 0 }
}

/** The partitions with data files, by one of their figures. */
function countPartitionsBy(partitions: readonly SummedPartition[], figureOf: (partition: ListedPartition) => number) {
  const ranges = new ValueRanges(1)
  for (const { listed } of partitions) if (listed.dataFileCount > 0) ranges.add(figureOf(listed))
  return ranges.toList().map(({ from, to, count }) => ({ from, to, partitionCount: count }))
}

const FIGURES: Record<Exclude<PartitionListColumn, 'partition'>, (partition: ListedPartition) => number> = {
  spec: ({ specId }) => specId,
  rows: ({ rowCount }) => rowCount,
  files: ({ dataFileCount }) => dataFileCount,
  stored: ({ dataBytes }) => dataBytes,
  mean: ({ dataBytes, dataFileCount }) => (dataFileCount === 0 ? 0 : dataBytes / dataFileCount),
  deletes: ({ deleteFileCount }) => deleteFileCount,
}

/** Partitions with the same figure are in the order of their values. */
function partitionSorter(
  metadata: TableMetadata,
  sort: PartitionSort,
): (a: SummedPartition, b: SummedPartition) => number {
  const { column, isDescending } = parseSort<PartitionListColumn>(sort)
  const columns = partitionColumnsBySpec(metadata)
  if (column === 'partition') {
    const compare = partitionComparator(columns, isDescending)
    return (a, b) => compare(a.values, b.values)
  }
  const figureOf = FIGURES[column]
  const compare = partitionComparator(columns, false)
  const direction = isDescending ? -1 : 1
  return (a, b) => direction * (figureOf(a.listed) - figureOf(b.listed)) || compare(a.values, b.values)
}
