import { JsonFields } from '../json/json-fields'
import { readRequest } from '../json/read-request'
import type { Json } from '../json/json'
import { schemaFromJson } from '../schema/schema-json'
import type { Schema } from '../schema/types'
import type { ViewVersion } from './view-metadata'
import { viewVersionFromJson } from './view-version-json'

/**
 * What a client of an Iceberg REST catalog sends to create a view.
 *
 * Spec: REST `open-api`, schema `CreateViewRequest`. Throws {AppError} invalid-request.
 */

export type CreateViewRequest = {
  name: string
  location?: string
  schema: Schema
  version: ViewVersion
  properties: Record<string, string>
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
