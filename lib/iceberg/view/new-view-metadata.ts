import { AppError } from '@/lib/errors'
import { withoutTrailingSlash } from '../metadata/metadata-json'
import type { Schema } from '../schema/types'
import type { ViewMetadata, ViewVersion } from './view-metadata'
import { addSchema, addVersion, setCurrentVersion, type ViewCommitState, type ViewDraft } from './version-updates'
import { requireReadableView } from './readable-view'

type NewViewMetadata = {
  /** Renumbered from 0. */
  schemas: readonly Schema[]
  /** Its `schemaId` is the id of one of the given `schemas`, or -1 for the last of them. */
  version: ViewVersion
  location: string
  properties?: Readonly<Record<string, string>> | undefined
  viewUuid: string
  nowMs: number
}

const FIRST_VERSION_ID = 1

/**
 * The first metadata of a view: version 1, which is current from now.
 *
 * @throws {AppError} invalid-request when the version or its schema is invalid
 */
export function newViewMetadata(view: NewViewMetadata): ViewMetadata {
  const { schemas, nowMs } = view
  const draft: ViewDraft = {
    formatVersion: 1,
    viewUuid: view.viewUuid,
    location: withoutTrailingSlash(view.location),
    schemas: [],
    currentVersionId: 0,
    versions: [],
    versionLog: [],
    properties: view.properties ?? {},
  }
  const commit: ViewCommitState = {
    nowMs,
    lastAddedSchemaId: null,
    lastAddedVersionId: null,
    addedVersionIds: new Set(),
  }
  const freshIdByOldId = new Map<number, number>()
  for (const schema of schemas) {
    addSchema(draft, commit, schema)
    if (commit.lastAddedSchemaId !== null) freshIdByOldId.set(schema.schemaId, commit.lastAddedSchemaId)
  }
  const { schemaId: requestedSchemaId } = view.version
  const schemaId = freshIdByOldId.get(requestedSchemaId) ?? (requestedSchemaId === -1 ? commit.lastAddedSchemaId : null)
  if (schemaId === null) {
    throw new AppError('invalid-request', `Cannot add version with unknown schema: ${requestedSchemaId}`, {
      facts: { schemaId: requestedSchemaId },
    })
  }
  addVersion(draft, commit, { ...view.version, versionId: FIRST_VERSION_ID, schemaId, timestampMs: nowMs })
  setCurrentVersion(draft, commit, FIRST_VERSION_ID)
  requireReadableView(draft)
  return draft
}
