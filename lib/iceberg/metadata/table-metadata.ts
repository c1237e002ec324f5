import type { PartitionSpec } from '../partitioning/partition-spec'
import type { SortOrder } from '../partitioning/sort-order'
import type { Schema } from '../schema/types'
import type { JsonObject } from '../json/json'

/**
 * A table's metadata in memory. Only `metadata-json`, which reads and writes it, knows the names in the file. 64-bit
 * ids are decimal text. Every record, including partition specs and sort orders, keeps unknown fields in
 * `unknownFields`, so that our commits preserve the fields of newer writers.
 *
 * Spec: Iceberg table spec, *Table Metadata*.
 */
export type TableMetadata = {
  /** Lakeshore reads only the metadata file of a table of version 4 (`supported-format`). */
  formatVersion: 1 | 2 | 3 | 4
  tableUuid: string
  /** Base location, without a trailing slash. */
  location: string
  lastSequenceNumber: number
  lastUpdatedMs: number
  lastColumnId: number
  schemas: readonly Schema[]
  currentSchemaId: number
  partitionSpecs: readonly PartitionSpec[]
  defaultSpecId: number
  lastPartitionId: number
  sortOrders: readonly SortOrder[]
  defaultSortOrderId: number
  properties: Readonly<Record<string, string>>
  /** Null before the first commit. */
  currentSnapshotId: string | null
  /** In order of commit, as in the file. */
  snapshots: readonly Snapshot[]
  /** Each time the current snapshot of `main` changed, oldest first. Time travel resolves through it. */
  snapshotLog: readonly SnapshotLogEntry[]
  /** Earlier metadata files, oldest first. */
  metadataLog: readonly MetadataLogEntry[]
  /** Contains `main` as soon as the table has a snapshot, even if a v1 file did not. */
  refs: Readonly<Record<string, SnapshotRef>>
  /** Next row id of format v3; null in earlier formats. */
  nextRowId: string | null
  /** Each with its `key-id`; Lakeshore does not interpret the other fields. */
  encryptionKeys: readonly JsonObject[]
  statistics: readonly JsonObject[]
  partitionStatistics: readonly JsonObject[]
  unknownFields?: JsonObject
}

export type Snapshot = {
  snapshotId: string
  parentSnapshotId: string | null
  /** 0 in v1 tables. */
  sequenceNumber: number
  timestampMs: number
  /** Location of the manifest list; null if a v1 snapshot lists its `manifests` itself. */
  manifestList: string | null
  manifests?: readonly string[]
  /** `operation` and the counts, as text (spec, *Optional Snapshot Summary Fields*). */
  summary: Readonly<Record<string, string>>
  schemaId: number | null
  /** Format v3: the row id of the snapshot's first added row, and the maximum number of rows it added. */
  firstRowId?: string
  addedRows?: string
  /** Format v3: the key that the manifest list is encrypted with. */
  keyId?: string
  unknownFields?: JsonObject
}

export type SnapshotLogEntry = { timestampMs: number; snapshotId: string; unknownFields?: JsonObject }
export type MetadataLogEntry = { timestampMs: number; metadataFile: string; unknownFields?: JsonObject }

export type SnapshotRef = {
  snapshotId: string
  type: 'branch' | 'tag'
  minSnapshotsToKeep?: number
  maxSnapshotAgeMs?: number
  maxRefAgeMs?: number
  unknownFields?: JsonObject
}
