import 'server-only'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { type Actor, isPermitted, requirePermission } from '@/server/auth/actor'
import type { StoredBulkChange } from '@/server/db/jobs/bulk-changes'
import type { NeededPermission } from '../pipeline/action'

type Changes = Pick<StoredBulkChange, 'changes'>

/** The permissions to change a table of the list without a proposal, as for the action on a single table. */
function neededPermissions({ changes }: Changes, on: TableIdentifier): readonly NeededPermission[] {
  const [change] = changes
  if (change?.kind === 'grant') return [{ permission: 'access:manage', resource: on }]
  if (change?.kind !== 'drop' && change?.kind !== 'move') return [{ permission: 'table:write', resource: on }]
  const maintain = { permission: 'table:maintain', resource: on } as const
  if (change.kind === 'drop') return [maintain]
  return [maintain, { permission: 'table:write', resource: { ...on, namespace: change.toNamespace }, isNew: true }]
}

/** Whether the actor needs no proposal, as far as permissions say. */
export function mayCarryOut(actor: Actor, change: Changes, on: TableIdentifier): boolean {
  return neededPermissions(change, on).every(({ permission, resource }) => isPermitted(actor, permission, resource))
}

/** @throws {AppError} not-found, forbidden */
export function requireMayCarryOut(actor: Actor, change: Changes, on: TableIdentifier): void {
  for (const { permission, resource, isNew } of neededPermissions(change, on))
    requirePermission(actor, permission, resource, ...(isNew ? [{ isNew }] : []))
}
