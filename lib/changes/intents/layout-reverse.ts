import type { TableMetadata } from '../../iceberg/metadata/table-metadata'
import type { SetCurrentSchema } from './set-current-schema/describe'
import type { SetDefaultSortOrder } from './set-default-sort-order/describe'
import type { SetDefaultSpec } from './set-default-spec/describe'

/**
 * The reverse of a change of schema, partition spec or sort order is to choose the one before: a table keeps them all,
 * and with their ids the columns and partitions of its data files.
 */

export function returnToSchema(before: TableMetadata, after: TableMetadata): SetCurrentSchema {
  return { kind: 'set-current-schema', schemaId: before.currentSchemaId, base: after.currentSchemaId }
}

export function returnToSpec(before: TableMetadata, after: TableMetadata): SetDefaultSpec {
  return { kind: 'set-default-spec', specId: before.defaultSpecId, base: after.defaultSpecId }
}

export function returnToSortOrder(before: TableMetadata, after: TableMetadata): SetDefaultSortOrder {
  return { kind: 'set-default-sort-order', orderId: before.defaultSortOrderId, base: after.defaultSortOrderId }
}
