import 'server-only'
import { randomUUID } from 'node:crypto'
import { AppError } from '@/lib/errors'
import { applyViewUpdates, checkViewRequirements } from '@/lib/iceberg/view/apply-view-updates'
import { asTableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { newViewMetadata } from '@/lib/iceberg/view/new-view-metadata'
import { enforceNewViewLimits, enforceUpdateLimits, enforceViewLimits } from '@/lib/iceberg/commit/size-limits'
import type { ViewMetadata } from '@/lib/iceberg/view/view-metadata'
import type { ViewUpdate } from '@/lib/iceberg/view/view-update'
import { pauseBeforeRetry } from '@/server/db/time-budget'
import { clock } from '@/server/timing/clock'
import type { CatalogWrite, WriteOptions } from '../port/catalog-write'
import type { LoadedView } from '../port/loaded-table'
import { checkLocationProperties, checkMetadataLocations } from './check-locations'
import { type EmbeddedCatalogDeps, requireRow } from './load-table'
import { chooseLocation } from './folders/choose-location'
import { labelOf } from './names'
import { explainFailedCreate, requireCreatable, requireNameIsFree, requireValidName } from './new-names'
import { requireFreeFolders } from './folders/folder-ownership'
import { metadataPut, putMetadata } from './put-metadata'
import { registerMetadata } from './register-metadata'
import { tableBusyError } from './table-locks'

/**
 * Views are rows of the same database table as tables, with their own kind of metadata file. They commit in the same
 * way.
 */

/** @throws {AppError} not-found, file-missing, file-damaged, forbidden */
export async function loadView(
  deps: EmbeddedCatalogDeps,
  identifier: ViewIdentifier,
  signal?: AbortSignal,
): Promise<LoadedView> {
  const row = asTableIdentifier(identifier)
  const { metadataLocation } = await requireRow(deps, row, 'view')
  if (metadataLocation === null) {
    throw new AppError('file-missing', `The catalog names no metadata file for ${labelOf(row)}.`)
  }
  return {
    identifier,
    metadataLocation,
    metadata: await deps.metadataFiles.readView(deps.store, metadataLocation, signal),
  }
}

export async function createView(
  deps: EmbeddedCatalogDeps,
  { view: identifier, schema, version, location, properties = {} }: CatalogWrite<'create-view'>,
  options: WriteOptions<'create-view'>,
): Promise<LoadedView> {
  const row = asTableIdentifier(identifier)
  await requireCreatable(deps, row, 'view', properties)
  enforceNewViewLimits({ schema, version, properties })
  const metadata = newViewMetadata({
    schema,
    version,
    properties,
    location: await chooseLocation(deps, row, location),
    viewUuid: randomUUID(),
    nowMs: options.committedAtMs ?? clock.nowMs(),
  })
  const created = await commitMetadata(deps, identifier, { before: null, metadata }, options)
  if (created) return created
  throw await explainFailedCreate(deps, row, 'view', metadata)
}

/** Adds a view's metadata file to the catalog unchanged, as `registerTable` does for a table. */
export async function registerView(
  deps: EmbeddedCatalogDeps,
  { view: identifier, metadataLocation }: CatalogWrite<'register-view'>,
  { alongside, signal }: WriteOptions<'register-view'>,
): Promise<LoadedView> {
  const row = asTableIdentifier(identifier)
  await requireValidName(deps, row, 'view')
  await requireNameIsFree(deps, row, 'view')
  const metadata = await deps.metadataFiles.readView(deps.store, metadataLocation, signal)
  checkMetadataLocations(deps.store, metadata)
  enforceViewLimits(metadata)
  const after = { identifier, metadataLocation, metadata }
  await registerMetadata(
    deps,
    { identifier: row, kind: 'view', replaced: null, metadata, metadataLocation },
    alongside?.({ before: null, after }),
  )
  return after
}

/**
 * Applies the change to the newest metadata, and retries when another writer was first and the requirements still hold.
 */
export async function commitView(
  deps: EmbeddedCatalogDeps,
  { view: identifier, change }: CatalogWrite<'commit-view'>,
  options: WriteOptions<'commit-view'>,
): Promise<LoadedView> {
  const label = labelOf(asTableIdentifier(identifier))
  const budget = deps.locks.newBudget()
  const releaseLocks = await deps.locks.acquire([label], budget, options.signal)
  try {
    for (let attempts = 1; ; attempts += 1) {
      const before = await loadView(deps, identifier, options.signal)
      const { requirements, updates } = typeof change === 'function' ? change(before) : change
      checkUpdatedLocations(deps, updates)
      checkViewRequirements(before.metadata, requirements)
      enforceUpdateLimits(updates, before.metadata)
      const metadata = applyViewUpdates(before.metadata, updates, {
        nowMs: options.committedAtMs ?? clock.nowMs(),
      })
      if (metadata === before.metadata) return before
      const after = await commitMetadata(deps, identifier, { before, metadata }, options)
      if (after) return after
      if (!(await pauseBeforeRetry(budget, attempts))) throw tableBusyError(label)
    }
  } finally {
    releaseLocks()
  }
}

function checkUpdatedLocations({ store }: EmbeddedCatalogDeps, updates: readonly ViewUpdate[]): void {
  for (const update of updates) {
    if (update.action === 'set-location') store.checkLocation(update.location)
    if (update.action === 'set-properties') checkLocationProperties(store, update.updates)
  }
}

async function commitMetadata(
  deps: EmbeddedCatalogDeps,
  identifier: ViewIdentifier,
  { before, metadata }: { before: LoadedView | null; metadata: ViewMetadata },
  { alongside, signal }: WriteOptions<'create-view' | 'commit-view'>,
): Promise<LoadedView | null> {
  const row = asTableIdentifier(identifier)
  const toLoadedView = (metadataLocation = '') => ({ identifier, metadataLocation, metadata })
  const put = metadataPut(deps, 'view', {
    identifier: row,
    previousLocation: before && before.metadataLocation,
    metadata,
    newFolders: await requireFreeFolders(deps, row, before?.metadata ?? null, metadata),
    write: () => deps.metadataFiles.writeView(deps.store, metadata, { label: labelOf(row), before }),
  })
  const locations = await putMetadata(
    deps,
    { puts: [put] },
    ([location]) => alongside?.({ before, after: toLoadedView(location) }) ?? [],
    signal,
  )
  return locations && toLoadedView(locations[0])
}
