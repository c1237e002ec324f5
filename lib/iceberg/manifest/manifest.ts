import type { Value } from '../schema/types'

/**
 * What a manifest list and a manifest say, in memory. Reading and writing are in `manifest-list-avro` and
 * `manifest-avro`.
 *
 * Spec: Iceberg table spec, *Manifests* and *Manifest Lists*.
 */

export type ManifestFile = {
  manifestPath: string
  manifestLengthBytes: number
  partitionSpecId: number
  content: 'data' | 'deletes'
  sequenceNumber: number
  minSequenceNumber: number
  addedSnapshotId: string
  /** Null where a v1 writer left the counts out. */
  addedFilesCount: number | null
  existingFilesCount: number | null
  deletedFilesCount: number | null
  addedRowsCount: number | null
  existingRowsCount: number | null
  deletedRowsCount: number | null
  /** One per field of the spec, in its order; empty where the writer left it out. */
  partitions: readonly FieldSummary[]
  /** Format v3: the first of the row ids that its data files inherit; null of deletes and before any was assigned. */
  firstRowId: string | null
}

export type FieldSummary = {
  containsNull: boolean
  containsNan: boolean | null
  /** Single-value binary (spec, appendix D) of the partition value. */
  lowerBound: Uint8Array | null
  upperBound: Uint8Array | null
}

export type ManifestEntry = {
  status: 'existing' | 'added' | 'deleted'
  snapshotId: string
  /** Data sequence number, inherited from the manifest list where the entry leaves it out. */
  sequenceNumber: number
  /** Of the commit that added the file; null where an older writer left it out of an entry it carried over. */
  fileSequenceNumber: number | null
  dataFile: DataFile
}

export type DataFile = {
  content: 'data' | 'position-deletes' | 'equality-deletes'
  filePath: string
  fileFormat: 'parquet' | 'avro' | 'orc' | 'puffin'
  specId: number
  /** Values in the order of the spec's fields; null is a null partition value. */
  partition: readonly (Value | null)[]
  recordCount: number
  fileSizeBytes: number
  sortOrderId: number | null
  /** Field ids an equality delete compares. */
  equalityIds: readonly number[] | null
  splitOffsets: readonly number[] | null
  /** The data file a position delete file or deletion vector speaks of, where it names one. */
  referencedDataFile: string | null
  /** Format v3: the row id of the first row of a data file; null before one was assigned, and of delete files. */
  firstRowId: string | null
  metrics: Metrics
}

/**
 * Column metrics by field id; a map is empty where the writer left it out. Bounds are single-value binary.
 * Of a file that was read from a manifest, every access decodes the map anew: take it once, then look up in it.
 */
export type Metrics = {
  columnSizesBytes: ReadonlyMap<number, number>
  valueCounts: ReadonlyMap<number, number>
  nullValueCounts: ReadonlyMap<number, number>
  nanValueCounts: ReadonlyMap<number, number>
  lowerBounds: ReadonlyMap<number, Uint8Array>
  upperBounds: ReadonlyMap<number, Uint8Array>
}
