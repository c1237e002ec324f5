import { AppError } from '@/lib/errors'
import { parseExactJson, stringifyExactJson } from '../json/exact-json'
import { JsonFields } from '../json/json-fields'
import { withoutTrailingSlash } from '../metadata/metadata-json'
import { lenientSchemaFromJson, schemaToJson } from '../schema/schema-json'
import type { ViewMetadata } from './view-metadata'
import { viewVersionFromJson, viewVersionToJson } from './view-version-json'
import type { Json, JsonObject } from '../json/json'

/**
 * Reads and writes a view's metadata file. Only this module knows the names in the file.
 *
 * Spec: Iceberg view spec, *View Metadata*, *Version log*.
 */

/** @throws {AppError} file-damaged naming the field; not-supported for a later format or an unknown type; too-large */
export function readViewMetadata(text: string): ViewMetadata {
  return viewMetadataFromJson(parseExactJson(text))
}

export function writeViewMetadata(view: ViewMetadata): string {
  return stringifyExactJson(viewMetadataToJson(view))
}

/** Like {@link readViewMetadata}, for a parsed document, such as a catalog's response. */
export function viewMetadataFromJson(json: Json): ViewMetadata {
  const file = new JsonFields(json, '')
  const formatVersion = file.int('format-version')
  if (formatVersion !== 1) {
    throw new AppError('not-supported', `Lakeshore does not support Iceberg views of format version ${formatVersion}`, {
      facts: { formatVersion },
    })
  }
  const view: ViewMetadata = {
    formatVersion,
    viewUuid: file.text('view-uuid'),
    location: withoutTrailingSlash(file.text('location')),
    schemas: file.items('schemas').map(({ json: schema, path }) => lenientSchemaFromJson(schema, path)),
    currentVersionId: file.int('current-version-id'),
    versions: file.items('versions').map(({ json: version, path }) => viewVersionFromJson(version, path)),
    versionLog: file.items('version-log').map(({ json: entry, path }) => {
      const object = new JsonFields(entry, path)
      return { timestampMs: object.count('timestamp-ms'), versionId: object.int('version-id'), ...object.rest() }
    }),
    properties: file.textMap('properties'),
    ...file.rest(),
  }
  requireCurrentVersion(view)
  return view
}

export function viewMetadataToJson(view: ViewMetadata): JsonObject {
  return {
    ...view.unknownFields,
    'view-uuid': view.viewUuid,
    'format-version': view.formatVersion,
    location: view.location,
    ...(Object.keys(view.properties).length > 0 && { properties: view.properties }),
    schemas: view.schemas.map(schemaToJson),
    'current-version-id': view.currentVersionId,
    versions: view.versions.map(viewVersionToJson),
    'version-log': view.versionLog.map(({ timestampMs, versionId, unknownFields }) => ({
      ...unknownFields,
      'timestamp-ms': timestampMs,
      'version-id': versionId,
    })),
  }
}

/** A reader of the view starts with the current version and its schema. */
function requireCurrentVersion({ versions, schemas, currentVersionId }: ViewMetadata): void {
  const current = versions.find(({ versionId }) => versionId === currentVersionId)
  if (current === undefined) {
    throw new AppError('file-damaged', `Field current-version-id is ${currentVersionId}, which is not in versions`, {
      facts: { versionId: currentVersionId },
    })
  }
  if (schemas.some(({ schemaId }) => schemaId === current.schemaId)) return
  throw new AppError(
    'file-damaged',
    `The current version refers to the schema ${current.schemaId}, which is not in schemas`,
    {
      facts: { versionId: currentVersionId, schemaId: current.schemaId },
    },
  )
}
