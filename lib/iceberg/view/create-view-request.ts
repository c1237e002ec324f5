import { JsonFields } from '../json/json-fields'
import { readRequest } from '../json/read-request'
import type { Json, JsonObject } from '../json/json'
import { type CreateRequest, readCreateRequest } from '../metadata/shared-update'
import type { ViewVersion } from './view-metadata'
import { schemaToJson } from '../schema/schema-json'
import { viewVersionFromJson, viewVersionToJson } from './view-version-json'

/**
 * The request of a client of an Iceberg REST catalog to create a view.
 *
 * Spec: REST `open-api`, schema `CreateViewRequest`. Throws {AppError} invalid-request.
 */

export type CreateViewRequest = CreateRequest & { version: ViewVersion }

export function createViewRequestFromJson(json: Json): CreateViewRequest {
  return readRequest(() => {
    const object = new JsonFields(json, '')
    return {
      ...readCreateRequest(object),
      version: viewVersionFromJson(object.json('view-version'), 'view-version'),
    }
  })
}

export function createViewRequestToJson({
  name,
  location,
  schema,
  version,
  properties,
}: CreateViewRequest): JsonObject {
  return {
    name,
    ...(location !== undefined && { location }),
    schema: schemaToJson(schema),
    'view-version': viewVersionToJson(version),
    properties,
  }
}
