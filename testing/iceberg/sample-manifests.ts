import type { ManifestFile } from '@/lib/iceberg/manifest/manifest'
import { encodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { PlannedManifest } from '@/lib/scan/plan/manifest-layout'
import type { ScanTask } from '@/lib/scan/plan/scan-task'
import { EMPTY_METRICS } from './sample-data-file'

/** A table that is partitioned by day, and manifests of it. For tests. */

export const sampleSchema: Schema = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [
    { id: 1, name: 'day', required: false, type: 'date' },
    { id: 2, name: 'speed', required: false, type: 'int' },
  ],
}
export const sampleMetadata = {
  schemas: [sampleSchema],
  partitionSpecs: [{ specId: 1, fields: [{ sourceId: 1, fieldId: 1000, name: 'day', transform: 'identity' }] }],
}

/** A manifest of ten files of one row each, of days from 10 × `index`, whose speeds are their days. */
export function sampleManifest(index: number): { planned: PlannedManifest; tasks: ScanTask[] } {
  const days = Array.from({ length: 10 }, (_, i) => 10 * index + i)
  const bound = (type: 'date' | 'int', value: number) => encodeSingleValue(type, value)
  const summary = {
    containsNull: false,
    containsNan: null,
    lowerBound: bound('date', 10 * index),
    upperBound: bound('date', 10 * index + 9),
  }
  const manifest: ManifestFile = {
    manifestPath: `mem:${index}`,
    manifestLengthBytes: 1,
    partitionSpecId: 1,
    content: 'data',
    sequenceNumber: 1,
    minSequenceNumber: 1,
    addedSnapshotId: '1',
    addedFilesCount: 10,
    existingFilesCount: 0,
    deletedFilesCount: 0,
    addedRowsCount: 10,
    existingRowsCount: 0,
    deletedRowsCount: 0,
    partitions: [summary],
    firstRowId: null,
  }
  const tasks = days.map(
    (day): ScanTask => ({
      fileIndex: day,
      firstRowIndex: day,
      filePath: `mem:${day}.parquet`,
      fileFormat: 'parquet',
      firstRowId: null,
      deletes: [],
      fileSizeBytes: 1,
      recordCount: 1,
      sequenceNumber: 1,
      specId: 1,
      partition: [day],
      constants: new Map(),
      splitOffsets: null,
      sortOrderId: null,
      metrics: {
        ...EMPTY_METRICS,
        valueCounts: new Map([[2, 1]]),
        nullValueCounts: new Map([[2, day === 25 ? 1 : 0]]),
        lowerBounds: new Map([[2, bound('int', day)]]),
        upperBounds: new Map([[2, bound('int', day)]]),
      },
    }),
  )
  return { planned: { manifest, firstFile: 10 * index, firstRow: 10 * index, fileCount: 10, rowCount: 10 }, tasks }
}
