import type { Value } from '../schema/types'

/**
 * Manifest lists and manifests in memory. They are read and written by `manifest-list`, `read-manifest` and
 * `write-manifest`.
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
  /** Null if a v1 writer left the counts out. */
  addedFilesCount: number | null
  existingFilesCount: number | null
  deletedFilesCount: number | null
  addedRowsCount: number | null
  existingRowsCount: number | null
  deletedRowsCount: number | null
  /** One per field of the spec, in its order; empty if the writer left it out. */
  partitions: readonly FieldSummary[]
  /**
   * Format v3: the first of the row ids that its data files inherit; null for delete manifests and before assignment.
   */
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
  /** Data sequence number; inherited from the manifest list if the entry leaves it out. */
  sequenceNumber: number
  /**
   * The sequence number of the commit that added the file; null if an older writer left it out of an existing entry.
   */
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
  /** The data file that a position delete file or deletion vector applies to, if it names one. */
  referencedDataFile: string | null
  /** Format v3: where a deletion vector is in its file; null for all other files. */
  contentOffset: number | null
  contentSizeBytes: number | null
  /** Format v3: the row id of the first row of a data file; null before assignment, and for delete files. */
  firstRowId: string | null
  metrics: Metrics
}

/**
 * Column metrics by field id; a map that the writer left out is {@link NO_METRICS}. Bounds are single-value binary. For a file that
 * was read from a manifest, every access decodes the map again: get it once, then look up in it.
 */
export type Metrics = {
  columnSizesBytes: ReadonlyMap<number, number>
  valueCounts: ReadonlyMap<number, number>
  nullValueCounts: ReadonlyMap<number, number>
  nanValueCounts: ReadonlyMap<number, number>
  lowerBounds: ReadonlyMap<number, Uint8Array>
  upperBounds: ReadonlyMap<number, Uint8Array>
}

/** An empty map in place of one that a manifest does not have, which is not the same as an empty one that it has. */
export const NO_METRICS: ReadonlyMap<number, never> = new Map<number, never>()
