import { partitionSpecToJson, sortOrderToJson } from '../partitioning/partition-spec-json'
import { refToJson, snapshotToJson } from '../metadata/snapshot-json'
import type { TableMetadata } from '../metadata/table-metadata'
import { sharedUpdateToJson } from '../metadata/shared-update'
import type { TableChange, TableUpdate, UpdateRequirement } from './table-update'
import type { JsonObject } from '../json/json'

/**
 * A commit as it is sent to an Iceberg REST catalog, and as a review shows it.
 *
 * Spec: REST `open-api`, schema `CommitTableRequest`.
 *
 * @param base the table that the commit changes; null for a new one
 */
export function tableChangeToJson({ requirements, updates }: TableChange, base: TableMetadata | null): JsonObject {
  return {
    requirements: requirements.map(requirementToJson),
    updates: updates.map((update) => updateToJson(update, base)),
  }
}

function updateToJson(update: TableUpdate, base: TableMetadata | null): JsonObject {
  const { action } = update
  switch (action) {
    case 'set-current-schema':
      return { action, 'schema-id': update.schemaId }
    case 'add-spec':
      return { action, spec: partitionSpecToJson(update.spec) }
    case 'set-default-spec':
      return { action, 'spec-id': update.specId }
    case 'add-sort-order':
      return { action, 'sort-order': sortOrderToJson(update.sortOrder) }
    case 'set-default-sort-order':
      return { action, 'sort-order-id': update.sortOrderId }
    case 'add-snapshot':
      return { action, snapshot: snapshotToJson(update.snapshot, 2) }
    case 'set-snapshot-ref':
      return { action, 'ref-name': update.refName, ...refToJson(update) }
    case 'remove-snapshots':
      return { action, 'snapshot-ids': update.snapshotIds.map(BigInt) }
    case 'remove-snapshot-ref':
      return { action, 'ref-name': update.refName }
    case 'set-statistics':
      // Written twice, because catalogs from before 2025 require it outside.
      return { action, ...snapshotIdMember(update.statistics), statistics: update.statistics }
    case 'remove-statistics':
    case 'remove-partition-statistics':
      return { action, 'snapshot-id': BigInt(update.snapshotId) }
    case 'set-partition-statistics':
      return { action, 'partition-statistics': update.partitionStatistics }
    case 'remove-partition-specs':
      return { action, 'spec-ids': update.specIds }
    case 'remove-schemas':
      return { action, 'schema-ids': update.schemaIds }
    case 'add-encryption-key':
      return { action, 'encryption-key': update.encryptionKey }
    case 'remove-encryption-key':
      return { action, 'key-id': update.keyId }
    default:
      return sharedUpdateToJson(update, base?.lastColumnId)
  }
}

function snapshotIdMember({ 'snapshot-id': snapshotId }: JsonObject): JsonObject {
  return snapshotId === undefined ? {} : { 'snapshot-id': snapshotId }
}

function requirementToJson(requirement: UpdateRequirement): JsonObject {
  const { type } = requirement
  switch (type) {
    case 'assert-create':
      return { type }
    case 'assert-table-uuid':
      return { type, uuid: requirement.uuid }
    case 'assert-ref-snapshot-id':
      return {
        type,
        ref: requirement.ref,
        'snapshot-id': requirement.snapshotId === null ? null : BigInt(requirement.snapshotId),
      }
    case 'assert-last-assigned-field-id':
      return { type, 'last-assigned-field-id': requirement.lastAssignedFieldId }
    case 'assert-current-schema-id':
      return { type, 'current-schema-id': requirement.currentSchemaId }
    case 'assert-last-assigned-partition-id':
      return { type, 'last-assigned-partition-id': requirement.lastAssignedPartitionId }
    case 'assert-default-spec-id':
      return { type, 'default-spec-id': requirement.defaultSpecId }
    case 'assert-default-sort-order-id':
      return { type, 'default-sort-order-id': requirement.defaultSortOrderId }
  }
}
