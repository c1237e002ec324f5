import type { ManifestFile } from '@/lib/iceberg/manifest/manifest'

/** A manifest as a list names it: by default of an unpartitioned table, with one added data file of one row. For tests. */
export function sampleManifest(overrides: Partial<ManifestFile> = {}): ManifestFile {
  return {
    manifestPath: 'mem:m',
    manifestLengthBytes: 1,
    partitionSpecId: 0,
    content: 'data',
    sequenceNumber: 1,
    minSequenceNumber: 1,
    addedSnapshotId: '1',
    addedFilesCount: 1,
    existingFilesCount: 0,
    deletedFilesCount: 0,
    addedRowsCount: 1,
    existingRowsCount: 0,
    deletedRowsCount: 0,
    partitions: [],
    firstRowId: null,
    ...overrides,
  }
}
