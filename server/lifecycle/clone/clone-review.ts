import 'server-only'
import type { CloneReview } from '@/lib/contract/table/clones'
import type { NewTableBlocker } from '@/lib/contract/table/new-tables'
import { sortProperties } from '@/lib/changes/clone/clone-properties'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { defaultSortOrder, defaultSpec } from '@/lib/iceberg/metadata/current-layout'
import { requirePermission } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { requireAbility } from '@/server/catalog/require-ability'
import { locationBlocker, nameBlocker, blockerOf } from '@/server/lifecycle/new-table-blockers'
import type { LifecycleContext } from '@/server/lifecycle/lifecycle-context'
import type { Services } from '@/server/services'
import type { ManifestCache } from '@/server/table/manifest-cache'
import { resolveRequestedState } from '@/server/table/requested-state'
import { clock } from '@/server/timing/clock'
import { openCloneStore } from './clone-target'
import { clonedFigures, cloneProblems, readClonedState } from './cloned-state'

/**
 * Previews the clone of a state, with its blockers. Copies nothing.
 *
 * @returns the source, and `show`, which reads the preview
 * @throws {AppError} forbidden for the target; not-supported when its catalog creates no tables; not-found without the
 *   source. `show` throws not-found for a state that the source does not have
 */
export async function reviewClone(
  { catalogs, manifestCache }: Pick<Services, 'catalogs' | 'manifestCache'>,
  source: TableIdentifier,
  requested: RequestedClone,
  { actor, signal }: Omit<LifecycleContext, 'requestId'>,
): Promise<{ show: () => Promise<CloneReview> }> {
  const { target } = requested
  requirePermission(actor, 'table:write', target, { isNew: true })
  const catalog = await catalogs.open(target.catalog, actor)
  const sourceCatalog = await catalogs.open(source.catalog, actor)
  const table = await sourceCatalog.loadTable(source, { signal })
  await requireAbility(catalog, 'create-table', signal)
  return { show: () => readCloneReview(manifestCache, catalog, table, requested, signal) }
}

type RequestedClone = { asOf: AsOf; target: TableIdentifier; location: string | undefined }

async function readCloneReview(
  manifestCache: ManifestCache,
  catalog: CatalogClient,
  table: LoadedTable,
  { asOf, target, location }: RequestedClone,
  signal: AbortSignal,
): Promise<CloneReview> {
  const { metadata } = table
  const { snapshot, schema } = resolveRequestedState(metadata, asOf, clock.nowMs())
  const state = { snapshotId: snapshot?.snapshotId ?? null, schemaId: schema.schemaId }
  const cloned = await readClonedState(manifestCache, table, state, signal)
  const { settings, description, leftOut } = sortProperties(metadata.properties)
  return {
    ...state,
    committedAtMs: snapshot?.timestampMs ?? null,
    ...clonedFigures(cloned),
    problems: cloneProblems(metadata, cloned),
    blockers: await findBlockers(catalog, target, location, signal),
    settings: [...settings],
    description: [...description],
    omitted: [...leftOut],
    isPartitioned: defaultSpec(metadata).fields.length > 0,
    isSorted: defaultSortOrder(metadata).fields.length > 0,
    keepsRowIds:
      metadata.formatVersion < 3
        ? null
        : cloned.files.some(({ entries: [{ dataFile }] }) => dataFile.firstRowId !== null),
  }
}

async function findBlockers(
  catalog: CatalogClient,
  target: TableIdentifier,
  location: string | undefined,
  signal: AbortSignal,
): Promise<NewTableBlocker[]> {
  const name = await nameBlocker(catalog, 'table', target, signal)
  if (name !== null) return [name]
  const { blocker } = await blockerOf('table', () => openCloneStore(catalog, target, signal))
  return [blocker, await locationBlocker(catalog, target, location ?? null, signal)].flatMap((one) => one ?? [])
}
