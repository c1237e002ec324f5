import 'server-only'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { partitionSpecToJson, sortOrderToJson } from '@/lib/iceberg/partitioning/partition-spec-json'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { schemaToJson } from '@/lib/iceberg/schema/schema-json'
import { refToJson } from '@/lib/iceberg/metadata/snapshot-json'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { TableUpdate } from '@/lib/iceberg/commit/table-update'
import type { Json } from '@/lib/iceberg/json/json'
import { LAST_ADDED } from '@/lib/iceberg/metadata/last-added'

/**
 * Whether a table looks as these updates leave it. It compares schemas, specs and orders by content, because the
 * catalog assigns their ids. False when the metadata cannot tell.
 */
export function showsUpdates(metadata: TableMetadata, updates: readonly TableUpdate[]): boolean {
  return updates.every((update) => showsUpdate(metadata, update, updates))
}

function showsUpdate(metadata: TableMetadata, update: TableUpdate, all: readonly TableUpdate[]): boolean {
  switch (update.action) {
    case 'assign-uuid':
      return metadata.tableUuid.toLowerCase() === update.uuid.toLowerCase()
    case 'upgrade-format-version':
      return metadata.formatVersion >= update.formatVersion
    case 'add-schema':
      return metadata.schemas.some((schema) =>
        isSameJson(comparableJson.schema(schema), comparableJson.schema(update.schema)),
      )
    case 'add-spec':
      return metadata.partitionSpecs.some((spec) =>
        isSameJson(comparableJson.spec(spec), comparableJson.spec(update.spec)),
      )
    case 'add-sort-order':
      return metadata.sortOrders.some((order) =>
        isSameJson(comparableJson.order(order), comparableJson.order(update.sortOrder)),
      )
    case 'set-current-schema':
      return showsCurrentSchema(metadata, update.schemaId, all)
    case 'set-default-spec':
      return showsDefaultSpec(metadata, update.specId, all)
    case 'set-default-sort-order':
      return showsDefaultSortOrder(metadata, update.sortOrderId, all)
    case 'add-snapshot':
      return metadata.snapshots.some(({ snapshotId }) => snapshotId === update.snapshot.snapshotId)
    case 'set-snapshot-ref': {
      const ref = propertyValue(metadata.refs, update.refName)
      return ref !== null && isSameJson(refToJson(ref), refToJson(update))
    }
    case 'remove-snapshots': {
      const removed = new Set(update.snapshotIds)
      return !metadata.snapshots.some(({ snapshotId }) => removed.has(snapshotId))
    }
    case 'remove-snapshot-ref':
      return propertyValue(metadata.refs, update.refName) === null
    case 'set-location':
      return metadata.location === update.location.replace(/\/+$/, '')
    case 'set-properties':
      return Object.entries(update.updates).every(([key, value]) => propertyValue(metadata.properties, key) === value)
    case 'remove-properties':
      return update.removals.every((key) => propertyValue(metadata.properties, key) === null)
    case 'set-statistics':
      return metadata.statistics.some((statistics) => isSameJson(statistics, update.statistics))
    case 'set-partition-statistics':
      return metadata.partitionStatistics.some((statistics) => isSameJson(statistics, update.partitionStatistics))
    case 'remove-statistics':
      return !metadata.statistics.some((one) => isSameJson(one['snapshot-id'] ?? null, BigInt(update.snapshotId)))
    case 'remove-partition-statistics':
      return !metadata.partitionStatistics.some((one) =>
        isSameJson(one['snapshot-id'] ?? null, BigInt(update.snapshotId)),
      )
    case 'remove-partition-specs':
      return !metadata.partitionSpecs.some(({ specId }) => update.specIds.includes(specId))
    case 'remove-schemas':
      return !metadata.schemas.some(({ schemaId }) => update.schemaIds.includes(schemaId))
    case 'add-encryption-key':
    case 'remove-encryption-key':
      return false
  }
}

function showsCurrentSchema(metadata: TableMetadata, schemaId: number, all: readonly TableUpdate[]): boolean {
  const added = all.findLast((update) => update.action === 'add-schema')
  if (schemaId !== LAST_ADDED && schemaId !== added?.schema.schemaId) return metadata.currentSchemaId === schemaId
  const current = metadata.schemas.find((schema) => schema.schemaId === metadata.currentSchemaId)
  return !!added && !!current && isSameJson(comparableJson.schema(current), comparableJson.schema(added.schema))
}

function showsDefaultSpec(metadata: TableMetadata, specId: number, all: readonly TableUpdate[]): boolean {
  const added = all.findLast((update) => update.action === 'add-spec')
  if (specId !== LAST_ADDED && specId !== added?.spec.specId) return metadata.defaultSpecId === specId
  const current = metadata.partitionSpecs.find((spec) => spec.specId === metadata.defaultSpecId)
  return !!added && !!current && isSameJson(comparableJson.spec(current), comparableJson.spec(added.spec))
}

function showsDefaultSortOrder(metadata: TableMetadata, orderId: number, all: readonly TableUpdate[]): boolean {
  const added = all.findLast((update) => update.action === 'add-sort-order')
  if (orderId !== LAST_ADDED && orderId !== added?.sortOrder.orderId) return metadata.defaultSortOrderId === orderId
  const current = metadata.sortOrders.find((order) => order.orderId === metadata.defaultSortOrderId)
  return !!added && !!current && isSameJson(comparableJson.order(current), comparableJson.order(added.sortOrder))
}

/** JSON without the ids that the catalog assigns. */
const comparableJson = {
  schema: (schema: TableMetadata['schemas'][number]): Json => ({ ...schemaToJson(schema), 'schema-id': 0 }),
  spec: ({ fields }: TableMetadata['partitionSpecs'][number]): Json =>
    partitionSpecToJson({ specId: 0, fields: fields.map((field) => ({ ...field, fieldId: 0 })) }),
  order: ({ fields }: TableMetadata['sortOrders'][number]): Json => sortOrderToJson({ orderId: 0, fields }),
}

function isSameJson(one: Json, other: Json): boolean {
  return stringifyExactJson(sortKeys(one)) === stringifyExactJson(sortKeys(other))
}

function sortKeys(json: Json): Json {
  if (Array.isArray(json)) return (json as readonly Json[]).map(sortKeys)
  if (typeof json !== 'object' || json === null) return json
  const members = Object.entries(json).map(([key, value]) => [key, sortKeys(value)] as const)
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)))
}
