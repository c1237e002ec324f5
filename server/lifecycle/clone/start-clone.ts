import 'server-only'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { requireNewName } from '@/lib/names/new-name'
import { requirePermission } from '@/server/auth/actor'
import type { Run } from '@/server/db/jobs/runs'
import type { LifecycleContext } from '@/server/lifecycle/lifecycle-context'
import type { Services } from '@/server/services'
import { type CloneSpec, findOpenClone, queueClone } from './clone-task'

/**
 * Queues a clone, unless no table can be in the folder that was chosen for it. Returns the same clone if it waits or is in
 * progress.
 *
 * @throws {AppError} forbidden; invalid-request for the name; already-exists, location-refused, invalid-request for the folder
 */
export async function startClone(
  { catalogs, database }: Pick<Services, 'catalogs' | 'database'>,
  target: TableIdentifier,
  requested: Omit<CloneSpec, 'sourceTableUuid'>,
  { actor, requestId, signal }: LifecycleContext,
): Promise<Run> {
  requirePermission(actor, 'table:write', target, { isNew: true })
  requireNewName('table', target.table)
  const { source, location } = requested
  const { metadata } = await (await catalogs.open(source.catalog, actor)).loadTable(source, { signal })
  const spec = { ...requested, sourceTableUuid: metadata.tableUuid }
  // A clone in progress has files in its folder.
  if (location !== null && (await findOpenClone(database, target, spec, actor)) === null) {
    const catalog = await catalogs.open(target.catalog, actor)
    await catalog.checkNewFolders(target, { location, properties: {} }, { signal })
  }
  return queueClone(database, target, spec, { actor, requestId })
}
