import { withoutTrailingSlash } from '../metadata/metadata-json'
import type { Schema } from '../schema/types'
import type { ViewMetadata, ViewVersion } from './view-metadata'
import { addSchema, addVersion, setCurrentVersion, type ViewCommitState, type ViewDraft } from './version-updates'
import { requireReadableView } from './readable-view'

type NewViewMetadata = {
  /** It gets the id 0. */
  schema: Schema
  /**
   * Its ids are replaced: PyIceberg and iceberg-go renumber the schema and not the version, and Iceberg's own catalogs
   * ignore the ids, too (`CatalogHandlers.createView`).
   */
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
  const { schema, nowMs } = view
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
  addSchema(draft, commit, schema)
  // The id of the schema that was added last.
  addVersion(draft, commit, { ...view.version, versionId: FIRST_VERSION_ID, schemaId: -1, timestampMs: nowMs })
  setCurrentVersion(draft, commit, FIRST_VERSION_ID)
  requireReadableView(draft)
  return draft
}
