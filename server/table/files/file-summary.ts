import 'server-only'
import { mightHoldLiveFiles } from '@/lib/iceberg/manifest/count-entries'
import type { z } from 'zod'
import type { ListedPartition, summarizeFiles } from '@/lib/contract/table/files'
import type { AsOf } from '@/lib/iceberg/as-of'
import { targetFileSize } from '@/lib/iceberg/properties/target-file-size'
import { listEntries } from '@/lib/scan/metadata-tables/manifest-sequence'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { TableServices } from '@/server/table/table-services'
import { openManifests } from './listed-entries'
import { describePartitions } from './live-files'

const PAGE_SIZE = 1_000

type SizeRange = z.output<typeof summarizeFiles.output>['sizes'][number]

/** Sums up the live files of a snapshot by size and by partition. Throws as `openManifests` does. */
export async function readFileSummary(
  services: Pick<TableServices, 'database' | 'manifestCache'>,
  table: LoadedTable,
  asOf: AsOf,
  { offset, signal }: { offset: number; signal: AbortSignal },
): Promise<z.output<typeof summarizeFiles.output>> {
  const open = await openManifests(services, table, asOf, signal)
  const { targetBytes, isTargetSet } = targetFileSize(table.metadata.properties)
  const describePartition = describePartitions(table.metadata)
  const partitions = new Map<string, ListedPartition>()
  const sizes = new SizeRanges(targetBytes)
  const sum = { dataFileCount: 0, dataBytes: 0 }
  const manifests = open.manifests.filter(mightHoldLiveFiles)
  for await (const { entry } of listEntries({ metadata: table.metadata, source: open.source }, manifests)) {
    if (entry.status === 'deleted') continue
    const { content, specId, recordCount, fileSizeBytes } = entry.dataFile
    const { partitionLabel: partition } = describePartition(entry)
    const key = `${specId} ${partition}`
    const own = partitions.get(key) ?? emptyPartition(specId, partition)
    partitions.set(key, own)
    if (content === 'data') {
      sum.dataFileCount += 1
      sum.dataBytes += fileSizeBytes
      own.dataFileCount += 1
      own.dataBytes += fileSizeBytes
      own.rowCount += recordCount
      sizes.add(fileSizeBytes)
    } else {
      own.deleteFileCount += 1
      own.deleteBytes += fileSizeBytes
    }
  }
  const largestFirst = [...partitions.values()].toSorted((a, b) => b.dataBytes - a.dataBytes)
  const page = largestFirst.slice(offset, offset + PAGE_SIZE)
  return {
    ...sum,
    targetBytes,
    isTargetSet,
    sizes: sizes.toList(),
    partitionCount: largestFirst.length,
    partitions: page,
    nextOffset: offset + page.length < largestFirst.length ? offset + page.length : null,
  }
}

function emptyPartition(specId: number, partition: string): ListedPartition {
  return { specId, partition, dataFileCount: 0, dataBytes: 0, rowCount: 0, deleteFileCount: 0, deleteBytes: 0 }
}

/** Ranges that double, with the target between two of them. */
class SizeRanges {
  readonly #targetBytes: number
  /** By the power of two of the lower limit, relative to the target. */
  readonly #byPower = new Map<number, { fileCount: number; totalBytes: number }>()

  constructor(targetBytes: number) {
    this.#targetBytes = targetBytes
  }

  add(bytes: number): void {
    const power = Math.floor(Math.log2(Math.max(1, bytes) / this.#targetBytes))
    const range = this.#byPower.get(power) ?? { fileCount: 0, totalBytes: 0 }
    this.#byPower.set(power, { fileCount: range.fileCount + 1, totalBytes: range.totalBytes + bytes })
  }

  /** From the smallest with a file to the largest, those between them too. */
  toList(): SizeRange[] {
    const powers = [...this.#byPower.keys()]
    if (powers.length === 0) return []
    const least = Math.min(...powers)
    const most = Math.max(...powers)
    return Array.from({ length: most - least + 1 }, (_, index) => {
      const power = least + index
      const range = this.#byPower.get(power) ?? { fileCount: 0, totalBytes: 0 }
      return { fromBytes: this.#limit(power), toBytes: this.#limit(power + 1), ...range }
    })
  }

  #limit(power: number): number {
    return Math.min(Number.MAX_SAFE_INTEGER, Math.round(this.#targetBytes * 2 ** power))
  }
}
