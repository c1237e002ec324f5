import { AppError } from '@/lib/errors'
import { specLabel, type PartitionSpec } from '../partitioning/partition-spec'
import type { TableMetadata } from './table-metadata'
import type { Schema } from '../schema/types'
import type { SortOrder } from '../partitioning/sort-order'

/**
 * The parts of a table's metadata that apply to new data. All throw {AppError} file-damaged if the metadata refers to a
 * part that it does not contain; metadata that was read from a file always contains them.
 */

export function currentSchema(metadata: Pick<TableMetadata, 'schemas' | 'currentSchemaId'>): Schema {
  return schemaOfId(metadata, metadata.currentSchemaId)
}

export function schemaOfId({ schemas }: Pick<TableMetadata, 'schemas'>, schemaId: number): Schema {
  return schemas.find((schema) => schema.schemaId === schemaId) ?? throwMissing('schema', { schemaId })
}

export function defaultSpec({ partitionSpecs, defaultSpecId: specId }: TableMetadata): PartitionSpec {
  return partitionSpecs.find((spec) => spec.specId === specId) ?? throwMissing('partition spec', { specId })
}

export function defaultSortOrder({ sortOrders, defaultSortOrderId: orderId }: TableMetadata): SortOrder {
  return sortOrders.find((order) => order.orderId === orderId) ?? throwMissing('sort order', { orderId })
}

/** `day(date), bucket[4](id)`; empty if the table is not partitioned. */
export function defaultSpecLabel(metadata: TableMetadata): string {
  return specLabel(defaultSpec(metadata), currentSchema(metadata))
}

function throwMissing(kind: string, facts: Readonly<Record<string, number>>): never {
  const [id] = Object.values(facts)
  throw new AppError('file-damaged', `The metadata refers to the ${kind} ${id} but does not contain it`, {
    facts: { ...facts },
  })
}
