import { AppError } from '@/lib/errors'
import { JsonFields } from '../json/json-fields'
import { readRequest, resolveFieldName } from '../json/read-request'
import { enforceNameLimits } from '../../names/name-limits'
import { highestFieldId } from '../schema/schema'
import { schemaFromJson, schemaToJson } from '../schema/schema-json'
import type { Schema } from '../schema/types'
import type { Json, JsonObject } from '../json/json'

/**
 * The common parts of requests about tables and about views: the updates that both know, and the members of a new one.
 *
 * Spec: REST `open-api`, schemas `TableUpdate`, `ViewUpdate`, `CreateTableRequest`, `CreateViewRequest`; older
 * spellings as the reference implementation reads them.
 */
export type SharedUpdate =
  | { action: 'assign-uuid'; uuid: string }
  | { action: 'upgrade-format-version'; formatVersion: number }
  | { action: 'add-schema'; schema: Schema }
  | { action: 'set-location'; location: string }
  | { action: 'set-properties'; updates: Readonly<Record<string, string>> }
  | { action: 'remove-properties'; removals: readonly string[] }

type Change<Requirement, Update> = { requirements: readonly Requirement[]; updates: readonly Update[] }

/**
 * Reads a commit of a table or a view.
 *
 * @param readRequirement gets the requirement's type in lower case; returns null for a type that it does not know
 * @param readOtherUpdate reads an update that tables and views do not share; returns null for one that it does not know
 * @throws {AppError} invalid-request, also for an unknown requirement or update
 */
export function changeFromJson<Requirement, Update>(
  json: Json,
  kind: 'table' | 'view',
  readRequirement: (type: string, object: JsonFields) => Requirement | null,
  readOtherUpdate: (action: string, object: JsonFields) => Update | null,
): Change<Requirement, Update | SharedUpdate> {
  return readRequest(() => {
    const change = new JsonFields(json, '')
    return {
      requirements: change.items('requirements').map((item) => {
        const object = new JsonFields(item.json, item.path)
        const type = object.text('type').toLowerCase()
        const requirement = readRequirement(type, object)
        if (requirement !== null) return requirement
        throw new AppError('invalid-request', `Unknown requirement of a ${kind}: ${type}`, { facts: { type } })
      }),
      updates: change.items('updates').map((item) => {
        const object = new JsonFields(item.json, item.path)
        const action = object.text('action').toLowerCase()
        const update = readSharedUpdate(action, object) ?? readOtherUpdate(action, object)
        if (update !== null) return update
        throw new AppError('invalid-request', `Unknown update of a ${kind}: ${action}`, { facts: { action } })
      }),
    }
  })
}

function readSharedUpdate(action: string, object: JsonFields): SharedUpdate | null {
  switch (action) {
    case 'assign-uuid':
      return { action, uuid: object.text('uuid') }
    case 'upgrade-format-version':
      return { action, formatVersion: object.int('format-version') }
    case 'add-schema':
      // The last column id follows from the schema. The specification no longer uses the one that is sent.
      return { action, schema: schemaFromJson(object.json('schema'), object.pathOf('schema')) }
    case 'set-location':
      return { action, location: object.text('location') }
    case 'set-properties':
      return { action, updates: object.textMap(resolveFieldName(object, 'updates', 'updated')) }
    case 'remove-properties':
      return { action, removals: object.texts(resolveFieldName(object, 'removals', 'removed')) }
    default:
      return null
  }
}

/**
 * @param lastColumnId the table's highest column id so far; 0 for a new table or a view. It is no longer needed by the
 *   specification, but Nessie before 0.105 refuses a schema without it, and older catalogs refuse a lower one.
 */
export function sharedUpdateToJson(update: SharedUpdate, lastColumnId = 0): JsonObject {
  const { action } = update
  switch (action) {
    case 'assign-uuid':
      return { action, uuid: update.uuid }
    case 'upgrade-format-version':
      return { action, 'format-version': update.formatVersion }
    case 'add-schema':
      return {
        action,
        schema: schemaToJson(update.schema),
        'last-column-id': Math.max(lastColumnId, highestFieldId(update.schema)),
      }
    case 'set-location':
      return { action, location: update.location }
    case 'set-properties':
      return { action, updates: update.updates }
    case 'remove-properties':
      return { action, removals: update.removals }
  }
}

/** The members that requests to create a table and to create a view share. */
export type CreateRequest = {
  name: string
  location?: string
  schema: Schema
  properties: Record<string, string>
}

export function readCreateRequest(object: JsonFields): CreateRequest {
  const name = object.text('name')
  enforceNameLimits({ table: name })
  return {
    name,
    ...(object.has('location') && { location: object.text('location') }),
    schema: schemaFromJson(object.json('schema'), 'schema'),
    properties: object.textMap('properties'),
  }
}
