import { AppError } from '@/lib/errors'
import { findEqualSchema } from '../schema/find-equal-schema'
import { stringifyExactJson } from '../json/exact-json'
import { nextId } from '../metadata/next-id'
import { requireUniqueNames } from '../schema/schema'
import { requireFormatSupportsSchema, requireValidIdentifierFields } from '../metadata/table-rules'
import type { Schema } from '../schema/types'
import type { ViewMetadata, ViewVersion } from './view-metadata'
import { viewVersionToJson } from './view-version-json'
import { resolveLastAdded } from '../metadata/last-added'

/**
 * The updates of a view's schemas and versions. One that equals an existing one is not added twice. All throw
 * {AppError} invalid-request.
 *
 * Spec: Iceberg view spec, *Versions*, *Version log*.
 */

/** A view can have columns of any table, so of the latest format. */
const LATEST_TABLE_FORMAT = 3

/** The fields are replaced, never modified. */
export type ViewDraft = { -readonly [Field in keyof ViewMetadata]: ViewMetadata[Field] }

export type ViewCommitState = {
  readonly nowMs: number
  lastAddedSchemaId: number | null
  lastAddedVersionId: number | null
  readonly addedVersionIds: Set<number>
}

export function addSchema(draft: ViewDraft, commit: ViewCommitState, schema: Schema): void {
  requireUniqueNames(schema)
  requireValidIdentifierFields(schema)
  requireFormatSupportsSchema(schema, LATEST_TABLE_FORMAT)
  const schemaId =
    findEqualSchema(draft.schemas, schema)?.schemaId ?? nextId(draft.schemas.map((known) => known.schemaId))
  if (!draft.schemas.some((known) => known.schemaId === schemaId)) {
    draft.schemas = [...draft.schemas, { ...schema, schemaId }]
  }
  commit.lastAddedSchemaId = schemaId
}

/** If an earlier version says the same, it is reused, whatever its timestamp. */
export function addVersion(draft: ViewDraft, commit: ViewCommitState, added: ViewVersion): void {
  const schemaId = resolveLastAdded(added.schemaId, commit.lastAddedSchemaId, 'schema')
  if (!draft.schemas.some((schema) => schema.schemaId === schemaId)) {
    throw new AppError('invalid-request', `Cannot add version with unknown schema: ${schemaId}`, {
      facts: { schemaId },
    })
  }
  const version = { ...added, schemaId }
  requireValidRepresentations(version)
  const content = versionContent(version)
  const equal = draft.versions.find((known) => versionContent(known) === content)
  const isTaken = draft.versions.some(({ versionId }) => versionId >= version.versionId)
  const freshId = isTaken ? nextId(draft.versions.map(({ versionId }) => versionId)) : version.versionId
  const versionId = equal?.versionId ?? freshId
  if (equal === undefined) {
    draft.versions = [...draft.versions, { ...version, versionId }]
    commit.addedVersionIds.add(versionId)
  }
  commit.lastAddedVersionId = versionId
}

/** A new version became current at its timestamp; an old one that the view returns to becomes current now. */
export function setCurrentVersion(draft: ViewDraft, commit: ViewCommitState, requestedId: number): void {
  const versionId = resolveLastAdded(requestedId, commit.lastAddedVersionId, 'version')
  if (versionId === draft.currentVersionId) return
  const version = draft.versions.find((known) => known.versionId === versionId)
  if (version === undefined) {
    throw new AppError('invalid-request', `Cannot set current version to unknown version: ${versionId}`, {
      facts: { versionId },
    })
  }
  draft.currentVersionId = versionId
  const currentSinceMs = commit.addedVersionIds.has(versionId) ? version.timestampMs : commit.nowMs
  const timestampMs = Math.max(currentSinceMs, draft.versionLog.at(-1)?.timestampMs ?? 0)
  draft.versionLog = [...draft.versionLog, { timestampMs, versionId }]
}

function requireValidRepresentations({ representations }: ViewVersion): void {
  if (representations.length === 0) throw new AppError('invalid-request', 'Invalid view version: it has no query')
  const dialects = new Set<string>()
  for (const representation of representations) {
    if (representation.type !== 'sql') continue
    const dialect = representation.dialect.toLowerCase()
    if (dialect === '') throw new AppError('invalid-request', 'Invalid view version: a query without a dialect')
    if (dialects.has(dialect)) {
      throw new AppError(
        'invalid-request',
        `Invalid view version: Cannot add multiple queries for dialect ${dialect}`,
        { facts: { dialect } },
      )
    }
    dialects.add(dialect)
  }
}

/** The content of a version without its id and timestamp. The keys of the summary can be in any order. */
export function versionContent(version: ViewVersion): string {
  const summary = Object.fromEntries(Object.entries(version.summary).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  return stringifyExactJson(viewVersionToJson({ ...version, versionId: 0, timestampMs: 0, summary }))
}
