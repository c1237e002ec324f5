import type { DataFile, ManifestEntry, Metrics } from '@/lib/iceberg/manifest/manifest'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import type { Value } from '@/lib/iceberg/schema/types'
import type { DeleteIndex } from '../deletes/delete-index'

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
  /** The delete files that apply to it, by their position among the delete files of the plan, in ascending order. */
  deletes: readonly number[]
}

const NO_DELETES: readonly number[] = []

/** A live entry of a manifest and its position in the scan. */
export type PositionedEntry = { entry: ManifestEntry; fileIndex: number; firstRowIndex: number }

export function createTaskBuilder({
  partitionSpecs,
}: TableMetadata): (positioned: PositionedEntry, deletes: DeleteIndex | null) => ScanTask {
  const identityColumnsBySpec = new Map(partitionSpecs.map((spec) => [spec.specId, identityFields(spec)]))
  return ({ entry, fileIndex, firstRowIndex }, deletes) => {
    const { sequenceNumber, dataFile } = entry
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
      deletes: deletes?.findIndexes(entry) ?? NO_DELETES,
    }
  }
}

function identityFields(spec: PartitionSpec): { sourceId: number; index: number }[] {
  return spec.fields.flatMap(({ sourceId, transform }, index) =>
    transform.toLowerCase() === 'identity' ? [{ sourceId, index }] : [],
  )
}
