import type { JsonFields } from '../json/json-fields'
import { changeFromJson, sharedUpdateToJson } from '../metadata/shared-update'
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
  return changeFromJson<ViewRequirement, ViewUpdate>(json, 'view', readRequirement, readUpdate)
}

export function viewChangeToJson({ requirements, updates }: ViewChange): JsonObject {
  return { requirements: requirements.map(({ type, uuid }) => ({ type, uuid })), updates: updates.map(updateToJson) }
}

function readRequirement(type: string, object: JsonFields): ViewRequirement | null {
  return type === 'assert-view-uuid' ? { type, uuid: object.text('uuid') } : null
}

function readUpdate(action: string, object: JsonFields): ViewUpdate | null {
  switch (action) {
    case 'add-view-version':
      return { action, viewVersion: viewVersionFromJson(object.json('view-version'), object.pathOf('view-version')) }
    case 'set-current-view-version':
      return { action, viewVersionId: object.int('view-version-id') }
    default:
      return null
  }
}

function updateToJson(update: ViewUpdate): JsonObject {
  const { action } = update
  switch (action) {
    case 'add-view-version':
      return { action, 'view-version': viewVersionToJson(update.viewVersion) }
    case 'set-current-view-version':
      return { action, 'view-version-id': update.viewVersionId }
    default:
      return sharedUpdateToJson(update)
  }
}
