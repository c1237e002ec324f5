import { JsonFields } from '../json/json-fields'
import type { ViewRepresentation, ViewVersion } from './view-metadata'
import type { Json, JsonObject } from '../json/json'

/**
 * A version of a view as JSON: in metadata files and in REST requests.
 *
 * Spec: Iceberg view spec, *Versions*, *Representations*.
 */

/** @throws {AppError} file-damaged naming the field */
export function viewVersionFromJson(json: Json, path = ''): ViewVersion {
  const object = new JsonFields(json, path)
  object.require('representations')
  object.require('default-namespace')
  return {
    versionId: object.int('version-id'),
    timestampMs: object.count('timestamp-ms'),
    schemaId: object.int('schema-id'),
    summary: object.textMap('summary'),
    representations: object.items('representations').map(representationFromJson),
    defaultCatalog: object.has('default-catalog') ? object.text('default-catalog') : null,
    defaultNamespace: object.texts('default-namespace'),
    ...object.rest(),
  }
}

export function viewVersionToJson(version: ViewVersion): JsonObject {
  return {
    ...version.unknownFields,
    'version-id': version.versionId,
    'timestamp-ms': version.timestampMs,
    'schema-id': version.schemaId,
    summary: version.summary,
    ...(version.defaultCatalog !== null && { 'default-catalog': version.defaultCatalog }),
    'default-namespace': version.defaultNamespace,
    representations: version.representations.map(representationToJson),
  }
}

function representationFromJson({ json, path }: { json: Json; path: string }): ViewRepresentation {
  const object = new JsonFields(json, path)
  const type = object.text('type')
  if (type.toLowerCase() !== 'sql') return { type: 'other', json: json as JsonObject }
  return { type: 'sql', sql: object.text('sql'), dialect: object.text('dialect'), ...object.rest() }
}

function representationToJson(representation: ViewRepresentation): JsonObject {
  if (representation.type === 'other') return representation.json
  const { type, sql, dialect, unknownFields } = representation
  return { ...unknownFields, type, sql, dialect }
}
