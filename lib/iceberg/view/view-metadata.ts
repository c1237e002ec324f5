import type { Schema } from '../schema/types'
import type { JsonObject } from '../json/json'

/**
 * A view's metadata in memory. Written and read by `view-metadata-json`, which alone knows the file's spelling.
 *
 * Spec: Iceberg view spec, *View Metadata*.
 */
export type ViewMetadata = {
  formatVersion: 1
  viewUuid: string
  /** Base location, without a trailing slash. */
  location: string
  schemas: readonly Schema[]
  currentVersionId: number
  /** Oldest first; as many as `version.history.num-entries` says (10), the current one always among them. */
  versions: readonly ViewVersion[]
  /** Each time the current version changed, oldest first. */
  versionLog: readonly ViewVersionLogEntry[]
  properties: Readonly<Record<string, string>>
  unknownFields?: JsonObject
}

export type ViewVersion = {
  versionId: number
  timestampMs: number
  schemaId: number
  /** `engine-name`, `engine-version` and what else the writer tells. */
  summary: Readonly<Record<string, string>>
  /** At most one for each dialect. */
  representations: readonly ViewRepresentation[]
  /** Where names without a catalog in the SQL are looked up; null: the catalog of the view. */
  defaultCatalog: string | null
  defaultNamespace: readonly string[]
  unknownFields?: JsonObject
}

/** Only `sql` is in the specification; any other kind is kept as it came. */
export type ViewRepresentation =
  | { type: 'sql'; sql: string; dialect: string; unknownFields?: JsonObject }
  | { type: 'other'; json: JsonObject }

export type ViewVersionLogEntry = { timestampMs: number; versionId: number; unknownFields?: JsonObject }
