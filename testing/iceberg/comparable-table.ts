import type { JsonObject } from '@/lib/iceberg/json/json'
import { currentSchema, defaultSortOrder, defaultSpec } from '@/lib/iceberg/metadata/current-layout'
import { refToJson } from '@/lib/iceberg/metadata/snapshot-json'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { partitionSpecToJson, sortOrderToJson } from '@/lib/iceberg/partitioning/partition-spec-json'
import { schemaToJson } from '@/lib/iceberg/schema/schema-json'

/**
 * The properties that two tables share after the same changes: everything but uuids, times and the ids of schemas, specs, sort
 * orders and snapshots. A ref names the index of its snapshot.
 */
export function comparableTable(metadata: TableMetadata): JsonObject {
  const indexes = new Map(metadata.snapshots.map(({ snapshotId }, i) => [snapshotId, String(i)]))
  const { 'schema-id': _schema, ...schema } = schemaToJson(currentSchema(metadata))
  const { 'order-id': _order, ...order } = sortOrderToJson(defaultSortOrder(metadata))
  return {
    formatVersion: metadata.formatVersion,
    schema,
    lastColumnId: metadata.lastColumnId,
    spec: partitionSpecToJson({ ...defaultSpec(metadata), specId: 0 }),
    order,
    properties: metadata.properties,
    refs: Object.fromEntries(
      Object.entries(metadata.refs)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, ref]) => [name, refToJson({ ...ref, snapshotId: indexes.get(ref.snapshotId) ?? '-1' })]),
    ),
  }
}
