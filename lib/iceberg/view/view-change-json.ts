import { AppError } from '@/lib/errors'
import { JsonFields } from '../json/json-fields'
import { readRequest, resolveFieldName } from '../json/read-request'
import { highestFieldId } from '../schema/schema'
import { schemaFromJson, schemaToJson } from '../schema/schema-json'
import type { ViewChange, ViewRequirement, ViewUpdate } from './view-update'
import { viewVersionFromJson, viewVersionToJson } from './view-version-json'
import type { Json, JsonObject } from '../json/json'

/**
 * A commit of a view as it is sent to an Iceberg REST catalog.
 *
 * Spec: REST `open-api`, schemas `CommitViewRequest`, `ViewUpdate`, `ViewRequirement`.
 */

/** @throws {AppError} invalid-request, also for an unknown action or requirement */
export function viewChangeFromJson(json: Json): ViewChange {
  return readRequest(() => {
    const change = new JsonFields(json, '')
    return {
      requirements: change.items('requirements').map(requirementFromJson),
      updates: change.items('updates').map(updateFromJson),
    }
  })
}

export function viewChangeToJson({ requirements, updates }: ViewChange): JsonObject {
  return { requirements: requirements.map(({ type, uuid }) => ({ type, uuid })), updates: updates.map(updateToJson) }
}

type JsonItem = { json: Json; path: string }

function requirementFromJson({ json, path }: JsonItem): ViewRequirement {
  const object = new JsonFields(json, path)
  const type = object.text('type').toLowerCase()
  if (type === 'assert-view-uuid') return { type, uuid: object.text('uuid') }
  throw new AppError('invalid-request', `Unknown requirement of a view: ${type}`, { facts: { type } })
}

function updateFromJson({ json, path }: JsonItem): ViewUpdate {
  const object = new JsonFields(json, path)
  const action = object.text('action').toLowerCase()
  switch (action) {
    case 'assign-uuid':
      return { action, uuid: object.text('uuid') }
    case 'upgrade-format-version':
      return { action, formatVersion: object.int('format-version') }
    case 'add-schema':
      return { action, schema: schemaFromJson(object.json('schema'), object.pathOf('schema')) }
    case 'set-location':
      return { action, location: object.text('location') }
    case 'set-properties':
      return { action, updates: object.textMap(resolveFieldName(object, 'updates', 'updated')) }
    case 'remove-properties':
      return { action, removals: object.texts(resolveFieldName(object, 'removals', 'removed')) }
    case 'add-view-version':
      return { action, viewVersion: viewVersionFromJson(object.json('view-version'), object.pathOf('view-version')) }
    case 'set-current-view-version':
      return { action, viewVersionId: object.int('view-version-id') }
    default:
      throw new AppError('invalid-request', `Unknown update of a view: ${action}`, { facts: { action } })
  }
}

function updateToJson(update: ViewUpdate): JsonObject {
  const { action } = update
  switch (action) {
    case 'assign-uuid':
      return { action, uuid: update.uuid }
    case 'upgrade-format-version':
      return { action, 'format-version': update.formatVersion }
    case 'add-schema':
      // The specification no longer uses the last column id, but Nessie before 0.105 refuses a schema without it.
      return { action, schema: schemaToJson(update.schema), 'last-column-id': highestFieldId(update.schema) }
    case 'set-location':
      return { action, location: update.location }
    case 'set-properties':
      return { action, updates: update.updates }
    case 'remove-properties':
      return { action, removals: update.removals }
    case 'add-view-version':
      return { action, 'view-version': viewVersionToJson(update.viewVersion) }
    case 'set-current-view-version':
      return { action, 'view-version-id': update.viewVersionId }
  }
}
