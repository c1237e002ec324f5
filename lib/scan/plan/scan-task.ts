import type { DataFile, ManifestEntry, Metrics } from '@/lib/iceberg/manifest/manifest'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import type { Value } from '@/lib/iceberg/schema/types'

/** One data file of a scan. */
export type ScanTask = {
  /** Position of the file among all files of the scan, from 0. */
  fileIndex: number
  /** Position of the file's first row among all rows of the scan, from 0. */
  firstRowIndex: number
  filePath: string
  fileFormat: DataFile['fileFormat']
  fileSizeBytes: number
  recordCount: number
  /** Data sequence number. */
  sequenceNumber: number
  /** The row id of the first row; null if the file has none. Format v3. */
  firstRowId: string | null
  specId: number
  /** In the order of the spec's fields; null is a null value. */
  partition: readonly (Value | null)[]
  /**
   * Values of identity partition columns by the column's field id, used for rows of a file that does not contain the
   * column (spec, *Column Projection*). Typed as in the table's newest schema.
   */
  constants: ReadonlyMap<number, Value | null>
  splitOffsets: readonly number[] | null
  sortOrderId: number | null
  metrics: Metrics
}

/** A live entry of a manifest and its position in the scan. */
export type PlacedEntry = { entry: ManifestEntry; fileIndex: number; firstRowIndex: number }

export function createTaskBuilder({ partitionSpecs }: TableMetadata): (placed: PlacedEntry) => ScanTask {
  const identityColumnsBySpec = new Map(partitionSpecs.map((spec) => [spec.specId, identityFields(spec)]))
  return ({ entry: { sequenceNumber, dataFile }, fileIndex, firstRowIndex }) => {
    const identityColumns = identityColumnsBySpec.get(dataFile.specId) ?? []
    return {
      fileIndex,
      firstRowIndex,
      filePath: dataFile.filePath,
      fileFormat: dataFile.fileFormat,
      fileSizeBytes: dataFile.fileSizeBytes,
      recordCount: dataFile.recordCount,
      sequenceNumber,
      firstRowId: dataFile.firstRowId,
      specId: dataFile.specId,
      partition: dataFile.partition,
      constants: new Map(identityColumns.map(({ sourceId, index }) => [sourceId, dataFile.partition[index] ?? null])),
      splitOffsets: dataFile.splitOffsets,
      sortOrderId: dataFile.sortOrderId,
      metrics: dataFile.metrics,
    }
  }
}

function identityFields(spec: PartitionSpec): { sourceId: number; index: number }[] {
  return spec.fields.flatMap(({ sourceId, transform }, index) =>
    transform.toLowerCase() === 'identity' ? [{ sourceId, index }] : [],
  )
}
