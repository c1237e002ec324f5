import { JsonFields } from '../json/json-fields'
import { requestedOrderFromJson, requestedSpecFromJson } from '../partitioning/partition-spec-json'
import { readRef, snapshotFromJson } from '../metadata/snapshot-json'
import { changeFromJson } from '../metadata/shared-update'
import type { TableChange, TableUpdate, UpdateRequirement } from './table-update'
import type { Json, JsonObject } from '../json/json'

/**
 * Reads a commit as a client of an Iceberg REST catalog sends it, and as a review stores it.
 *
 * Spec: REST `open-api`, schemas `CommitTableRequest`, `TableUpdate`, `TableRequirement`; older spellings as the
 * reference implementation reads them.
 */

/**
 * The caller reads `identifier`, if the request has one.
 *
 * @throws {AppError} invalid-request, also for an unknown action or requirement
 */
export function tableChangeFromJson(json: Json): TableChange {
  return changeFromJson<UpdateRequirement, TableUpdate>(json, 'table', readRequirement, readUpdate)
}

function readRequirement(type: string, object: JsonFields): UpdateRequirement | null {
  switch (type) {
    case 'assert-create':
      return { type }
    case 'assert-table-uuid':
      return { type, uuid: object.text('uuid') }
    case 'assert-ref-snapshot-id':
      return {
        type,
        ref: object.text('ref'),
        snapshotId: object.has('snapshot-id') ? object.long('snapshot-id') : null,
      }
    case 'assert-last-assigned-field-id':
      return { type, lastAssignedFieldId: object.int('last-assigned-field-id') }
    case 'assert-current-schema-id':
      return { type, currentSchemaId: object.int('current-schema-id') }
    case 'assert-last-assigned-partition-id':
      return { type, lastAssignedPartitionId: object.int('last-assigned-partition-id') }
    case 'assert-default-spec-id':
      return { type, defaultSpecId: object.int('default-spec-id') }
    case 'assert-default-sort-order-id':
      return { type, defaultSortOrderId: object.int('default-sort-order-id') }
    default:
      return null
  }
}

function readUpdate(action: string, object: JsonFields): TableUpdate | null {
  switch (action) {
    case 'set-current-schema':
      return { action, schemaId: object.int('schema-id') }
    case 'add-spec':
      return { action, spec: requestedSpecFromJson(object.json('spec'), object.pathOf('spec')) }
    case 'set-default-spec':
      return { action, specId: object.int('spec-id') }
    case 'add-sort-order':
      return { action, sortOrder: requestedOrderFromJson(object.json('sort-order'), object.pathOf('sort-order')) }
    case 'set-default-sort-order':
      return { action, sortOrderId: object.int('sort-order-id') }
    case 'add-snapshot':
      return { action, snapshot: snapshotFromJson(object.json('snapshot'), object.pathOf('snapshot')) }
    case 'set-snapshot-ref':
      return { action, refName: object.text('ref-name'), ...readRef(object) }
    case 'remove-snapshots':
      object.require('snapshot-ids')
      return { action, snapshotIds: object.longs('snapshot-ids') }
    case 'remove-snapshot-ref':
      return { action, refName: object.text('ref-name') }
    case 'set-statistics':
      return { action, statistics: readStatistics(object, 'statistics') }
    case 'set-partition-statistics':
      return { action, partitionStatistics: readStatistics(object, 'partition-statistics') }
    case 'remove-statistics':
    case 'remove-partition-statistics':
      return { action, snapshotId: object.long('snapshot-id') }
    case 'remove-partition-specs':
      object.require('spec-ids')
      return { action, specIds: object.ints('spec-ids') }
    case 'remove-schemas':
      object.require('schema-ids')
      return { action, schemaIds: object.ints('schema-ids') }
    case 'add-encryption-key':
      return { action, encryptionKey: readEncryptionKey(object) }
    case 'remove-encryption-key':
      return { action, keyId: object.text('key-id') }
    default:
      return null
  }
}

/**
 * Stored as sent. The fields that every reader needs are required, otherwise other readers could not load the table.
 */
function readStatistics(object: JsonFields, name: string): JsonObject {
  const file = new JsonFields(object.json(name), object.pathOf(name))
  file.long('snapshot-id')
  file.text('statistics-path')
  file.count('file-size-in-bytes')
  if (name === 'statistics') {
    file.count('file-footer-size-in-bytes')
    file.require('blob-metadata')
    for (const { json, path } of file.items('blob-metadata')) requireBlob(new JsonFields(json, path))
  }
  return object.json(name) as JsonObject
}

function requireBlob(blob: JsonFields): void {
  blob.text('type')
  blob.long('snapshot-id')
  blob.long('sequence-number')
  blob.ints('fields')
  blob.textMap('properties')
}

function readEncryptionKey(object: JsonFields): JsonObject {
  const key = new JsonFields(object.json('encryption-key'), object.pathOf('encryption-key'))
  key.text('key-id')
  key.text('encrypted-key-metadata')
  return object.json('encryption-key') as JsonObject
}
