import 'server-only'
import { randomUUID } from 'node:crypto'
import { AppError } from '@/lib/errors'
import { applyViewUpdates, checkViewRequirements } from '@/lib/iceberg/apply-view-change'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { newViewMetadata } from '@/lib/iceberg/new-view-metadata'
import { requireNewViewFits, requireUpdatesFit, requireViewFits } from '@/lib/iceberg/size-limits'
import type { ViewMetadata } from '@/lib/iceberg/view-metadata'
import type { ViewChange } from '@/lib/iceberg/view-update'
import { insertRow, swapMetadata } from '@/server/db/catalog-rows'
import { pauseBeforeRetry } from '@/server/db/time-budget'
import type { LoadedView, NewView, ViewOptions } from '../catalog-client'
import { changeRows } from './change-rows'
import { checkLocationProperties, checkMetadataLocations } from './check-locations'
import { requireNameIsFree, requireNewName } from './create-table'
import { type Parts, requireRow } from './load-table'
import { newLocation } from './location'
import { labelOf } from './names'
import { requireNamespace } from './namespaces'
import { claimOf, recordPlace, requireAdoptable, requirePlace } from './place'
import { putMetadata } from './put-metadata'
import { tableBusy } from './turns'

/** Views are rows of the same table with a metadata file of their own kind, committed in the same way. */

/** @throws {AppError} not-found, file-missing, file-damaged, forbidden */
export async function loadView(parts: Parts, ref: TableRef, signal?: AbortSignal): Promise<LoadedView> {
  const { metadataLocation } = await requireRow(parts, ref, 'view')
  if (metadataLocation === null) {
    throw new AppError('file-missing', `The catalog names no metadata file for ${labelOf(ref)}.`)
  }
  return { ref, metadataLocation, metadata: await parts.metadataFiles.readView(parts.store, metadataLocation, signal) }
}

export async function createView(
  parts: Parts,
  ref: TableRef,
  { schema, version, location, properties = {} }: NewView,
  options: ViewOptions = {},
): Promise<LoadedView> {
  await requireNewName(parts, ref)
  await requireNameIsFree(parts, ref, 'view')
  checkLocationProperties(parts.store, properties)
  requireNewViewFits({ schema, version, properties })
  const metadata = newViewMetadata({
    schemas: [schema],
    version,
    properties,
    location: await newLocation(parts, ref, location),
    viewUuid: randomUUID(),
    nowMs: Date.now(),
  })
  const created = await put(parts, ref, { before: null, metadata }, options)
  if (created) return created
  await requireNamespace(parts, ref.namespace)
  await requireNameIsFree(parts, ref, 'view')
  await requirePlace(parts, ref, null, metadata)
  throw new AppError('commit-conflict', `${labelOf(ref)} was created and removed by somebody else meanwhile.`)
}

/** Takes a view's metadata file into the catalog as it is, as `registerTable` does a table's. */
export async function registerView(
  parts: Parts,
  ref: TableRef,
  metadataLocation: string,
  { alongside, signal }: ViewOptions = {},
): Promise<LoadedView> {
  await requireNewName(parts, ref)
  await requireNameIsFree(parts, ref, 'view')
  const after = {
    ref,
    metadataLocation,
    metadata: await parts.metadataFiles.readView(parts.store, metadataLocation, signal),
  }
  checkMetadataLocations(parts.store, after.metadata)
  requireViewFits(after.metadata)
  const judged = () => requireAdoptable(parts, ref, null, after)
  const changes = [
    insertRow(ref, metadataLocation, 'view', await judged()),
    ...(await recordPlace(parts, ref, after.metadata, metadataLocation)),
  ]
  await changeRows(parts.database, changes, alongside?.({ before: null, after }), async () => {
    await requireNamespace(parts, ref.namespace)
    await requireNameIsFree(parts, ref, 'view')
    await judged()
  })
  return after
}

/** Applied to the newest metadata, again where somebody else was first and the requirements still hold. */
export async function commitView(
  parts: Parts,
  ref: TableRef,
  { requirements, updates }: ViewChange,
  options: ViewOptions = {},
): Promise<LoadedView> {
  for (const update of updates) {
    if (update.action === 'set-location') parts.store.checkLocation(update.location)
    if (update.action === 'set-properties') checkLocationProperties(parts.store, update.updates)
  }
  const budget = parts.turns.newBudget()
  const endTurn = await parts.turns.take([labelOf(ref)], budget, options.signal)
  try {
    for (let attempts = 1; ; attempts += 1) {
      const before = await loadView(parts, ref, options.signal)
      checkViewRequirements(before.metadata, requirements)
      requireUpdatesFit(updates, before.metadata)
      const metadata = applyViewUpdates(before.metadata, updates, { nowMs: Date.now() })
      if (metadata === before.metadata) return before
      const after = await put(parts, ref, { before, metadata }, options)
      if (after) return after
      if (!(await pauseBeforeRetry(budget, attempts))) throw tableBusy(labelOf(ref))
    }
  } finally {
    endTurn()
  }
}

async function put(
  parts: Parts,
  ref: TableRef,
  { before, metadata }: { before: LoadedView | null; metadata: ViewMetadata },
  { alongside, signal }: ViewOptions,
): Promise<LoadedView | null> {
  const loadedAt = (metadataLocation = '') => ({ ref, metadataLocation, metadata })
  const claim = claimOf(parts, await requirePlace(parts, ref, before?.metadata ?? null, metadata))
  const locations = await putMetadata(
    parts,
    {
      puts: [
        {
          ref,
          write: () => parts.metadataFiles.writeView(parts.store, metadata, { label: labelOf(ref), before }),
          swap: (to) =>
            before ? swapMetadata(ref, before.metadataLocation, to, 'view', claim) : insertRow(ref, to, 'view', claim),
          place: metadata,
        },
      ],
    },
    ([location]) => alongside?.({ before, after: loadedAt(location) }) ?? [],
    signal,
  )
  return locations && loadedAt(locations[0])
}
