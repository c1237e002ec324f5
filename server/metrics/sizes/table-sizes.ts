import 'server-only'
import type { FileCoverage } from '@/lib/contract/shapes/lake'
import type { Snapshot } from '@/lib/iceberg/metadata/table-metadata'
import { sum } from '@/lib/sum'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { DataFileSizes } from '@/server/db/catalog/data-file-sizes'
import type { MetricsServices } from '@/server/metrics/metrics-services'
import { type LiveFile, readLiveFiles } from '@/server/table/files/live-files'
import { measureFiles } from '@/server/data-files/measure/measure-files'

export type MeasuredFile = { file: LiveFile; sizes: DataFileSizes }

/** Live data files of a snapshot with their known sizes. */
export type TableSizes = {
  measured: readonly MeasuredFile[]
  /** Data files with unknown sizes: not Parquet, not read yet, or unreadable. */
  unknownCount: number
  /** Why files could not be read, by file. */
  unreadable: ReadonlyMap<string, string>
  /** Sums over data files; null when the size of one is unknown. */
  plainBytes: number | null
  encodedBytes: number | null
  /** Bytes of the pages of all measured files; the base of compression ratios. */
  storedBytes: number
  /** Whether some plain sizes are estimated and not counted. */
  isEstimated: boolean
}

export async function readLiveSizes(
  services: Pick<MetricsServices, 'database' | 'manifestCache'>,
  table: LoadedTable,
  snapshot: Snapshot | null,
  { signal }: { signal: AbortSignal },
): Promise<TableSizes> {
  const live = await readLiveFiles(services.manifestCache, table, snapshot, { store: table.store, signal })
  const files = live.filter(({ dataFile }) => dataFile.content === 'data')
  const { sizes, unreadable } = await measureFiles(services.database, table, files, { signal })
  const measured = files.flatMap((file) => {
    const known = sizes.get(file.dataFile.filePath)
    return known ? [{ file, sizes: known }] : []
  })
  return { ...sumSizes(measured, files.length), measured, unreadable }
}

/** Sums of known sizes; null when a file is missing, because the sum would be too small. */
export function sumSizes(measured: readonly MeasuredFile[], fileCount: number) {
  const unknownCount = fileCount - measured.length
  const isComplete = unknownCount === 0
  const plainSizes = measured.map(({ sizes }) => sizes.plainBytes)
  return {
    unknownCount,
    plainBytes: isComplete && !plainSizes.includes(null) ? sum(plainSizes.map((bytes) => bytes ?? 0)) : null,
    encodedBytes: isComplete ? sum(measured.map(({ sizes }) => sizes.encodedBytes)) : null,
    storedBytes: sum(measured.map(({ sizes }) => sizes.storedBytes)),
    isEstimated: measured.some(({ sizes }) => sizes.plainSource === 'estimated'),
  }
}

/** Sums over the files whose plain and stored sizes are both known, so that they can be compared. */
export function sumPairedSizes(measured: readonly MeasuredFile[]) {
  const total = { plainBytes: 0, encodedBytes: 0, storedBytes: 0 }
  for (const { sizes } of measured) {
    if (sizes.plainBytes === null) continue
    total.plainBytes += sizes.plainBytes
    total.encodedBytes += sizes.encodedBytes
    total.storedBytes += sizes.storedBytes
  }
  return total
}

/** The files of these tables, and how many of them have known sizes: the same count on every page. */
export function countMeasuredFiles(tables: readonly Pick<TableSizes, 'measured' | 'unknownCount'>[]): FileCoverage {
  return {
    measuredCount: sum(tables.map(({ measured }) => measured.filter(({ sizes }) => sizes.plainBytes !== null).length)),
    fileCount: sum(tables.map(({ measured, unknownCount }) => measured.length + unknownCount)),
  }
}
