import 'server-only'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { requireNewName } from '@/lib/names/new-name'
import type { Run } from '@/server/db/jobs/runs'
import { toRunActor } from '@/server/jobs/change-run'
import { type CloneSpec, findOpenClone, toCloneTask } from '@/server/lifecycle/clone/clone-task'
import type { Action } from '../pipeline/action'
import type { ChangeServices } from '../pipeline/change-request'
import { readStartedRun, startRun } from './start-run'

type RequestedClone = Omit<CloneSpec, 'sourceTableUuid'>

/**
 * Queues a clone, unless no table can be in the folder that was chosen for it. Returns the same clone if it waits or is in
 * progress.
 *
 * @throws {AppError} invalid-request for the name; already-exists, location-refused, invalid-request for the folder; and
 *   as `carryOut` does
 */
export const cloneTableAction: Action<ChangeServices, TableIdentifier, RequestedClone, { run: Run }> = {
  kind: 'clone-table',
  isHeld: false,
  permissions: (target, { source }) => [
    { permission: 'table:read', resource: source },
    { permission: 'table:write', resource: target, isNew: true },
  ],
  async commit(attempt, target, requested) {
    const { actor, catalog, signal, services } = attempt
    requireNewName('table', target.table)
    const { source, location } = requested
    const sourceCatalog = await services.catalogs.open(source.catalog, actor)
    const { metadata, requireReadable } = await sourceCatalog.loadTable(source, { signal })
    requireReadable?.()
    const spec = { ...requested, sourceTableUuid: metadata.tableUuid }
    const open = await findOpenClone(services.database, target, spec, actor)
    if (open !== null) return { run: open }
    // Only now: a clone in progress has files in its folder.
    if (location !== null) await catalog.checkNewFolders(target, { location, properties: {} }, { signal })
    return { run: await startRun(attempt, target, toCloneTask(target, spec, toRunActor(actor)), 'start-clone') }
  },
  repeat: async ({ services }, _target, _requested, auditId) => ({ run: await readStartedRun(services, auditId) }),
}
