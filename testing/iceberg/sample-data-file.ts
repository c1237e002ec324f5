import type { DataFile, Metrics } from '@/lib/iceberg/manifest/manifest'

/** The metrics of a writer that records none. For tests. */
export const EMPTY_METRICS: Metrics = {
  columnSizesBytes: new Map(),
  valueCounts: new Map(),
  nullValueCounts: new Map(),
  nanValueCounts: new Map(),
  lowerBounds: new Map(),
  upperBounds: new Map(),
}

/** A Parquet data file of an unpartitioned table, by default ten rows in a hundred bytes. For tests. */
export function sampleDataFile(filePath: string, overrides: Partial<DataFile> = {}): DataFile {
  return {
    content: 'data',
    filePath,
    fileFormat: 'parquet',
    specId: 0,
    partition: [],
    recordCount: 10,
    fileSizeBytes: 100,
    sortOrderId: null,
    equalityIds: null,
    splitOffsets: null,
    referencedDataFile: null,
    contentOffset: null,
    contentSizeBytes: null,
    firstRowId: null,
    metrics: EMPTY_METRICS,
    ...overrides,
  }
}
