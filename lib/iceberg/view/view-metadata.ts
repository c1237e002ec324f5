import type { Schema } from '../schema/types'
import type { JsonObject } from '../json/json'

/**
 * A view's metadata in memory. `view-metadata-json` reads and writes it and alone knows the names in the file.
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
  /** Oldest first; as many as `version.history.num-entries` says (10), always including the current one. */
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
  /** `engine-name`, `engine-version` and other facts from the writer. */
  summary: Readonly<Record<string, string>>
  /** At most one for each dialect. */
  representations: readonly ViewRepresentation[]
  /** The catalog for names without one in the SQL; null: the catalog of the view. */
  defaultCatalog: string | null
  defaultNamespace: readonly string[]
  unknownFields?: JsonObject
}

/** Only `sql` is in the specification; any other kind is stored unchanged. */
export type ViewRepresentation =
  | { type: 'sql'; sql: string; dialect: string; unknownFields?: JsonObject }
  | { type: 'other'; json: JsonObject }

export type ViewVersionLogEntry = { timestampMs: number; versionId: number; unknownFields?: JsonObject }
