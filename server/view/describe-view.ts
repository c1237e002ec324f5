import 'server-only'
import { MAX_VIEW_VERSIONS, type Representation, type ViewDetail, type ViewVersion } from '@/lib/contract/views'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type * as Iceberg from '@/lib/iceberg/view/view-metadata'
import type { Keys } from '@/server/auth/keys'
import type { LoadedView } from '@/server/catalog/port/loaded-table'
import { maskProperties } from '@/server/table/mask-properties'
import { toWireSchema } from '@/server/table/wire-schema'

/** One view as its page displays it. */
export function describeView(
  keys: Keys,
  { metadata, metadataLocation }: LoadedView,
): Omit<ViewDetail, 'catalogKind' | 'abilities' | 'openProposalCount'> {
  const { currentVersionId, versionLog } = metadata
  const versions = newestVersions(metadata)
  const schemaIds = new Set(versions.map(({ schemaId }) => schemaId))
  return {
    viewUuid: metadata.viewUuid,
    formatVersion: metadata.formatVersion,
    location: metadata.location,
    metadataLocation,
    properties: maskProperties(keys, metadata.properties, metadata.viewUuid),
    currentVersionId,
    currentSinceMs: versionLog.findLast(({ versionId }) => versionId === currentVersionId)?.timestampMs ?? null,
    versions: versions.map(toVersion),
    versionCount: metadata.versions.length,
    schemas: metadata.schemas.filter(({ schemaId }) => schemaIds.has(schemaId)).map(toWireSchema),
  }
}

function newestVersions({ versions, currentVersionId }: Iceberg.ViewMetadata): Iceberg.ViewVersion[] {
  const newestFirst = versions.toSorted((a, b) => b.timestampMs - a.timestampMs || b.versionId - a.versionId)
  const shown = newestFirst.slice(0, MAX_VIEW_VERSIONS)
  const current = newestFirst.slice(MAX_VIEW_VERSIONS).find(({ versionId }) => versionId === currentVersionId)
  return current === undefined ? shown : [...shown.slice(0, -1), current]
}

/** A version as the contract has it. */
export function toVersion(version: Iceberg.ViewVersion): ViewVersion {
  const { versionId, timestampMs, schemaId, summary, defaultCatalog, defaultNamespace, representations } = version
  const engine = summary['engine-name']
  return {
    versionId,
    createdAtMs: timestampMs,
    schemaId,
    writer: engine === undefined ? null : [engine, summary['engine-version']].filter(Boolean).join(' '),
    summary,
    defaultCatalog,
    defaultNamespace: [...defaultNamespace],
    representations: representations.map(toRepresentation),
  }
}

function toRepresentation(representation: Iceberg.ViewRepresentation): Representation {
  if (representation.type === 'sql') {
    const { type, dialect, sql } = representation
    return { type, dialect, sql }
  }
  const { json } = representation
  const kind = typeof json['type'] === 'string' ? json['type'] : 'unknown'
  return { type: 'other', kind, json: stringifyExactJson(json, { indent: 2 }) }
}
