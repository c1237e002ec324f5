import 'server-only'
import { AppError } from '@/lib/errors'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { ViewIdentifier } from '@/lib/names/identifiers'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { schemaToJson } from '@/lib/iceberg/schema/schema-json'
import { enforceUpdateLimits } from '@/lib/iceberg/commit/size-limits'
import type { Schema } from '@/lib/iceberg/schema/types'
import { viewChangeToJson } from '@/lib/iceberg/view/view-change-json'
import type { ViewMetadata, ViewVersion } from '@/lib/iceberg/view/view-metadata'
import type { ViewChange, ViewUpdate } from '@/lib/iceberg/view/view-update'
import { viewVersionToJson } from '@/lib/iceberg/view/view-version-json'
import type { CatalogWrite, WriteOptions } from '@/server/catalog/port/catalog-write'
import type { LoadedView } from '@/server/catalog/port/loaded-table'
import type { PendingRequest } from '../pending-request'
import type { RestDeps } from '../rest-deps'
import { ENDPOINTS } from '../http/endpoints'
import { STATUS_CHECK_DELAYS_MS } from './reconcile'
import { attemptPauseMs } from '../http/retry'
import { readWriteResponse, callEndpoint, type RestSession } from '../http/session'
import { toPathNames } from '../entries'
import { readLoadedView, loadView } from '../views'

const MAX_RETRIES = 4

/** As a commit of a table: it retries on top of other commits, and looks up the outcome when the response is lost. */
export async function commitView(
  { session }: RestDeps,
  { view: identifier, change: changeOrBuilder }: CatalogWrite<'commit-view'>,
  { signal, alongside }: WriteOptions<'commit-view'>,
  request: PendingRequest,
): Promise<LoadedView> {
  const requestOptions = { ...(signal && { signal }) }
  for (let retries = 0; ; retries += 1) {
    const before = await loadView(session, identifier, requestOptions)
    const change = typeof changeOrBuilder === 'function' ? changeOrBuilder(before) : changeOrBuilder
    requireSameView(before, change)
    enforceUpdateLimits(change.updates, before.metadata)
    const sentChange = withUuidRequirement(before, change)
    const { metadataLocation } = before
    await request.store({ kind: 'view-replaced', view: identifier, metadataLocation })
    try {
      const { json } = await callEndpoint(session, ENDPOINTS.replaceView, {
        ...requestOptions,
        names: toPathNames(session, identifier),
        body: viewChangeToJson(sentChange),
        purpose: 'commit',
      })
      const after = readWriteResponse(() => readLoadedView(identifier, json))
      await request.record(() => alongside?.({ before, after }))
      return after
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      if (error.code === 'commit-state-unknown') {
        const after = await waitForCommit(session, before, sentChange, error)
        await request.record(() => alongside?.({ before, after }))
        return after
      }
      if (error.code !== 'commit-conflict' || retries >= MAX_RETRIES) throw error
      request.noteRefusal(error)
      await session.pause(attemptPauseMs(retries + 1))
    }
  }
}

/** @throws {AppError} `unknown` when the view does not show the commit */
async function waitForCommit(
  session: RestSession,
  before: LoadedView,
  { updates }: ViewChange,
  unknown: AppError,
): Promise<LoadedView> {
  for (const delayMs of STATUS_CHECK_DELAYS_MS) {
    await session.pause(delayMs)
    const now = await loadViewOrNull(session, before.identifier)
    const isNewVersion = now?.metadataLocation !== before.metadataLocation
    const isSameView = now?.metadata.viewUuid === before.metadata.viewUuid
    if (now && isNewVersion && isSameView && updates.every((update) => showsUpdate(now.metadata, update, updates)))
      return now
  }
  throw unknown
}

async function loadViewOrNull(session: RestSession, identifier: ViewIdentifier): Promise<LoadedView | null> {
  try {
    return await loadView(session, identifier)
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}

function showsUpdate(view: ViewMetadata, update: ViewUpdate, all: readonly ViewUpdate[]): boolean {
  switch (update.action) {
    case 'assign-uuid':
      return view.viewUuid.toLowerCase() === update.uuid.toLowerCase()
    case 'upgrade-format-version':
      return view.formatVersion >= update.formatVersion
    case 'add-schema':
      return view.schemas.some((schema) => isSameSchema(schema, update.schema))
    case 'set-location':
      return view.location === update.location.replace(/\/+$/, '')
    case 'set-properties':
      return Object.entries(update.updates).every(([key, value]) => propertyValue(view.properties, key) === value)
    case 'remove-properties':
      return update.removals.every((key) => propertyValue(view.properties, key) === null)
    case 'add-view-version':
      return view.versions.some((version) => isSameVersion(version, update.viewVersion))
    case 'set-current-view-version': {
      const added = all.findLast((one) => one.action === 'add-view-version')
      const current = view.versions.find(({ versionId }) => versionId === view.currentVersionId)
      if (update.viewVersionId !== -1) return view.currentVersionId === update.viewVersionId
      return !!added && !!current && isSameVersion(current, added.viewVersion)
    }
  }
}

/** Compares without ids, because the catalog assigns them. */
function isSameVersion(one: ViewVersion, other: ViewVersion): boolean {
  const text = (version: ViewVersion) =>
    stringifyExactJson(viewVersionToJson({ ...version, versionId: 0, schemaId: 0, summary: {} }))
  return text(one) === text(other)
}

function isSameSchema(one: Schema, other: Schema): boolean {
  const text = (schema: Schema) => stringifyExactJson(schemaToJson({ ...schema, schemaId: 0 }))
  return text(one) === text(other)
}

function requireSameView({ metadata }: LoadedView, { requirements }: ViewChange): void {
  const broken = requirements.find(({ uuid }) => uuid.toLowerCase() !== metadata.viewUuid.toLowerCase())
  if (broken === undefined) return
  throw new AppError('commit-conflict', 'Another writer dropped and recreated the view, so the commit was rejected.', {
    facts: { requirement: broken.type, expected: broken.uuid, current: metadata.viewUuid },
  })
}

function withUuidRequirement({ metadata }: LoadedView, { requirements, updates }: ViewChange): ViewChange {
  if (requirements.length > 0) return { requirements, updates }
  return { requirements: [{ type: 'assert-view-uuid', uuid: metadata.viewUuid }], updates }
}
