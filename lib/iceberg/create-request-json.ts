import { JsonFields } from './json-fields'
import { requestedOrderFromJson, requestedSpecFromJson } from './partition-spec-json'
import { readRequest } from './request-json'
import { schemaFromJson } from './schema-json'
import type { PartitionSpec, SortOrder } from './table-metadata'
import type { Json, Schema } from './types'
import type { ViewVersion } from './view-metadata'
import { viewVersionFromJson } from './view-version-json'

/**
 * What a client of an Iceberg REST catalog sends to create a table or a view.
 *
 * Spec: REST `open-api`, schemas `CreateTableRequest`, `CreateViewRequest`. All throw {AppError} invalid-request.
 */

export type CreateTableRequest = {
  name: string
  location?: string
  schema: Schema
  partitionSpec?: PartitionSpec
  sortOrder?: SortOrder
  /** Only say what would be created: the client commits it later with `assert-create`. */
  stageCreate: boolean
  properties: Record<string, string>
}

export type CreateViewRequest = {
  name: string
  location?: string
  schema: Schema
  version: ViewVersion
  properties: Record<string, string>
}

export function createTableRequestFromJson(json: Json): CreateTableRequest {
  return readRequest(() => {
    const object = new JsonFields(json, '')
    return {
      name: object.text('name'),
      ...(object.has('location') && { location: object.text('location') }),
      schema: schemaFromJson(object.json('schema'), 'schema'),
      ...(object.has('partition-spec') && {
        partitionSpec: requestedSpecFromJson(object.json('partition-spec'), 'partition-spec'),
      }),
      ...(object.has('write-order') && {
        sortOrder: requestedOrderFromJson(object.json('write-order'), 'write-order'),
      }),
      stageCreate: object.has('stage-create') && object.boolean('stage-create'),
      properties: object.textMap('properties'),
    }
  })
}

export function createViewRequestFromJson(json: Json): CreateViewRequest {
  return readRequest(() => {
    const object = new JsonFields(json, '')
    return {
      name: object.text('name'),
      ...(object.has('location') && { location: object.text('location') }),
      schema: schemaFromJson(object.json('schema'), 'schema'),
      version: viewVersionFromJson(object.json('view-version'), 'view-version'),
      properties: object.textMap('properties'),
    }
  })
}
