import type { Snapshot, SnapshotRef } from '../metadata/table-metadata'
import type { SharedUpdate } from '../metadata/shared-update'
import type { PartitionSpec } from '../partitioning/partition-spec'
import type { SortOrder } from '../partitioning/sort-order'
import type { JsonObject } from '../json/json'

/**
 * The updates of a commit, in order. The REST specification's `TableUpdate`; `table-change-json` has its JSON. `-1` as
 * an id in a `set-…` update means "the one added last in this commit".
 *
 * Spec: REST `open-api`, schema `TableUpdate`.
 */
export type TableUpdate =
  | SharedUpdate
  | { action: 'set-current-schema'; schemaId: number }
  | { action: 'add-spec'; spec: PartitionSpec }
  | { action: 'set-default-spec'; specId: number }
  | { action: 'add-sort-order'; sortOrder: SortOrder }
  | { action: 'set-default-sort-order'; sortOrderId: number }
  | { action: 'add-snapshot'; snapshot: Snapshot }
  | ({ action: 'set-snapshot-ref'; refName: string } & SnapshotRef)
  | { action: 'remove-snapshots'; snapshotIds: readonly string[] }
  | { action: 'remove-snapshot-ref'; refName: string }
  /** A statistics file as in the metadata; replaces the one of the same snapshot. */
  | { action: 'set-statistics'; statistics: JsonObject }
  | { action: 'remove-statistics'; snapshotId: string }
  | { action: 'set-partition-statistics'; partitionStatistics: JsonObject }
  | { action: 'remove-partition-statistics'; snapshotId: string }
  | { action: 'remove-partition-specs'; specIds: readonly number[] }
  | { action: 'remove-schemas'; schemaIds: readonly number[] }
  | { action: 'add-encryption-key'; encryptionKey: JsonObject }
  | { action: 'remove-encryption-key'; keyId: string }

/**
 * A condition that must still hold when the commit is applied; otherwise it is refused with `commit-conflict`.
 *
 * Spec: REST `open-api`, schema `TableRequirement`.
 */
export type UpdateRequirement =
  | { type: 'assert-create' }
  | { type: 'assert-table-uuid'; uuid: string }
  | { type: 'assert-ref-snapshot-id'; ref: string; snapshotId: string | null }
  | { type: 'assert-last-assigned-field-id'; lastAssignedFieldId: number }
  | { type: 'assert-current-schema-id'; currentSchemaId: number }
  | { type: 'assert-last-assigned-partition-id'; lastAssignedPartitionId: number }
  | { type: 'assert-default-spec-id'; defaultSpecId: number }
  | { type: 'assert-default-sort-order-id'; defaultSortOrderId: number }

/** One commit, applied completely or not at all. */
export type TableChange = { requirements: readonly UpdateRequirement[]; updates: readonly TableUpdate[] }
