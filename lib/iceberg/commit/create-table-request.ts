import { JsonFields } from '../json/json-fields'
import {
  partitionSpecToJson,
  requestedOrderFromJson,
  requestedSpecFromJson,
  sortOrderToJson,
} from '../partitioning/partition-spec-json'
import { schemaToJson } from '../schema/schema-json'
import { readRequest } from '../json/read-request'
import { type CreateRequest, readCreateRequest } from '../metadata/shared-update'
import type { PartitionSpec } from '../partitioning/partition-spec'
import type { SortOrder } from '../partitioning/sort-order'
import type { Json, JsonObject } from '../json/json'

/**
 * The request of a client of an Iceberg REST catalog to create a table.
 *
 * Spec: REST `open-api`, schema `CreateTableRequest`. Throws {AppError} invalid-request.
 */

export type CreateTableRequest = CreateRequest & {
  partitionSpec?: PartitionSpec
  sortOrder?: SortOrder
  /** Return what would be created without creating it: the client commits it later with `assert-create`. */
  stageCreate: boolean
}

export function createTableRequestFromJson(json: Json): CreateTableRequest {
  return readRequest(() => {
    const object = new JsonFields(json, '')
    return {
      ...readCreateRequest(object),
      ...(object.has('partition-spec') && {
        partitionSpec: requestedSpecFromJson(object.json('partition-spec'), 'partition-spec'),
      }),
      ...(object.has('write-order') && {
        sortOrder: requestedOrderFromJson(object.json('write-order'), 'write-order'),
      }),
      stageCreate: object.has('stage-create') && object.boolean('stage-create'),
    }
  })
}

export function createTableRequestToJson(request: CreateTableRequest): JsonObject {
  const { name, schema, partitionSpec, sortOrder, location, properties, stageCreate } = request
  return {
    name,
    schema: schemaToJson(schema),
    ...(partitionSpec && { 'partition-spec': partitionSpecToJson(partitionSpec) }),
    ...(sortOrder && { 'write-order': sortOrderToJson(sortOrder) }),
    ...(location !== undefined && { location }),
    properties,
    'stage-create': stageCreate,
  }
}
