import 'server-only'
import { randomUUID } from 'node:crypto'
import { AppError } from '@/lib/errors'
import { applyViewUpdates, checkViewRequirements } from '@/lib/iceberg/view/apply-view-updates'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { newViewMetadata } from '@/lib/iceberg/view/new-view-metadata'
import { enforceNewViewLimits, enforceUpdateLimits, enforceViewLimits } from '@/lib/iceberg/commit/size-limits'
import type { ViewMetadata } from '@/lib/iceberg/view/view-metadata'
import type { ViewChange } from '@/lib/iceberg/view/view-update'
import { insertRow, swapMetadata } from '@/server/db/catalog/table-rows'
import { pauseBeforeRetry } from '@/server/db/time-budget'
import type { LoadedView, NewView, ViewOptions } from '../catalog-client'
import { changeRows } from './change-rows'
import { checkLocationProperties, checkMetadataLocations } from './check-locations'
import { requireNameIsFree, requireValidName } from './create-table'
import { type EmbeddedCatalogDeps, requireRow } from './load-table'
import { chooseLocation } from './folders/choose-location'
import { labelOf } from './names'
import { requireNamespace } from './namespaces'
import { buildFolderClaim, planFolderRecords, requireRegistrable, requireFreeFolders } from './folders/folder-ownership'
import { putMetadata } from './put-metadata'
import { tableBusy } from './table-locks'

/**
 * Views are rows of the same database table as tables, with their own kind of metadata file. They commit in the same
 * way.
 */

/** @throws {AppError} not-found, file-missing, file-damaged, forbidden */
export async function loadView(
  deps: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  signal?: AbortSignal,
): Promise<LoadedView> {
  const { metadataLocation } = await requireRow(deps, identifier, 'view')
  if (metadataLocation === null) {
    throw new AppError('file-missing', `The catalog names no metadata file for ${labelOf(identifier)}.`)
  }
  return {
    identifier,
    metadataLocation,
    metadata: await deps.metadataFiles.readView(deps.store, metadataLocation, signal),
  }
}

export async function createView(
  deps: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  { schema, version, location, properties = {} }: NewView,
  options: ViewOptions = {},
): Promise<LoadedView> {
  await requireValidName(deps, identifier)
  await requireNameIsFree(deps, identifier, 'view')
  checkLocationProperties(deps.store, properties)
  enforceNewViewLimits({ schema, version, properties })
  const metadata = newViewMetadata({
    schemas: [schema],
    version,
    properties,
    location: await chooseLocation(deps, identifier, location),
    viewUuid: randomUUID(),
    nowMs: options.committedAtMs ?? Date.now(),
  })
  const created = await commitMetadata(deps, identifier, { before: null, metadata }, options)
  if (created) return created
  await requireNamespace(deps, identifier.namespace)
  await requireNameIsFree(deps, identifier, 'view')
  await requireFreeFolders(deps, identifier, null, metadata)
  throw new AppError(
    'commit-conflict',
    `Another writer created and removed ${labelOf(identifier)} at the same time. Nothing was changed; try again.`,
  )
}

/** Adds a view's metadata file to the catalog unchanged, as `registerTable` does for a table. */
export async function registerView(
  deps: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  metadataLocation: string,
  { alongside, signal }: ViewOptions = {},
): Promise<LoadedView> {
  await requireValidName(deps, identifier)
  await requireNameIsFree(deps, identifier, 'view')
  const after = {
    identifier,
    metadataLocation,
    metadata: await deps.metadataFiles.readView(deps.store, metadataLocation, signal),
  }
  checkMetadataLocations(deps.store, after.metadata)
  enforceViewLimits(after.metadata)
  const claimFolders = () => requireRegistrable(deps, identifier, null, after)
  const changes = [
    insertRow(identifier, metadataLocation, 'view', await claimFolders()),
    ...(await planFolderRecords(deps, identifier, after.metadata, metadataLocation)),
  ]
  await changeRows(deps.database, changes, alongside?.({ before: null, after }), async () => {
    await requireNamespace(deps, identifier.namespace)
    await requireNameIsFree(deps, identifier, 'view')
    await claimFolders()
  })
  return after
}

/**
 * Applies the change to the newest metadata, and retries when another writer was first and the requirements still hold.
 */
export async function commitView(
  deps: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  { requirements, updates }: ViewChange,
  options: ViewOptions = {},
): Promise<LoadedView> {
  for (const update of updates) {
    if (update.action === 'set-location') deps.store.checkLocation(update.location)
    if (update.action === 'set-properties') checkLocationProperties(deps.store, update.updates)
  }
  const budget = deps.locks.newBudget()
  const releaseLocks = await deps.locks.acquire([labelOf(identifier)], budget, options.signal)
  try {
    for (let attempts = 1; ; attempts += 1) {
      const before = await loadView(deps, identifier, options.signal)
      checkViewRequirements(before.metadata, requirements)
      enforceUpdateLimits(updates, before.metadata)
      const metadata = applyViewUpdates(before.metadata, updates, {
        nowMs: options.committedAtMs ?? Date.now(),
      })
      if (metadata === before.metadata) return before
      const after = await commitMetadata(deps, identifier, { before, metadata }, options)
      if (after) return after
      if (!(await pauseBeforeRetry(budget, attempts))) throw tableBusy(labelOf(identifier))
    }
  } finally {
    releaseLocks()
  }
}

async function commitMetadata(
  deps: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  { before, metadata }: { before: LoadedView | null; metadata: ViewMetadata },
  { alongside, signal }: ViewOptions,
): Promise<LoadedView | null> {
  const toLoadedView = (metadataLocation = '') => ({ identifier, metadataLocation, metadata })
  const claim = buildFolderClaim(deps, await requireFreeFolders(deps, identifier, before?.metadata ?? null, metadata))
  const locations = await putMetadata(
    deps,
    {
      puts: [
        {
          identifier,
          write: () => deps.metadataFiles.writeView(deps.store, metadata, { label: labelOf(identifier), before }),
          swap: (to) =>
            before
              ? swapMetadata(identifier, before.metadataLocation, to, 'view', claim)
              : insertRow(identifier, to, 'view', claim),
          tableLocations: metadata,
        },
      ],
    },
    ([location]) => alongside?.({ before, after: toLoadedView(location) }) ?? [],
    signal,
  )
  return locations && toLoadedView(locations[0])
}
