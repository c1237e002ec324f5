import 'server-only'
import type { GrantHolder } from '@/lib/contract/access/shapes'
import { AppError } from '@/lib/errors'
import { type Resource, type Role, ROLES } from '@/lib/permissions'
import { type AuditEntry, newAuditId } from '@/server/db/audit'
import {
  commitGrant,
  deleteGrantChange,
  findGrantOn,
  replaceGrantChanges,
  type StoredGrant,
} from '@/server/db/auth/grants'
import { type Database, UnexpectedChanges } from '@/server/db/database'
import { type IdempotencyKey, responseChanges } from '@/server/db/idempotency'
import { type AccessContext, grantAudit } from './access-audit'
import { requireHolder } from './grants'

type GrantOn = { holder: GrantHolder; resource: Resource; key: IdempotencyKey | null }

/**
 * Gives a holder a role on a resource, or takes it, if their role on it is still the one that a user saw.
 *
 * @returns the id of the audit entry, which is the id of the new grant, too
 * @throws {AppError} not-found for the holder; commit-conflict for another role
 */
export async function setGrant(
  database: Database,
  { holder, role, resource, expectedRole, key }: GrantOn & { role: Role | null; expectedRole: Role | null },
  context: AccessContext,
): Promise<string> {
  const before = await findGrantOn(database, holder, resource)
  if ((before?.role ?? null) !== expectedRole) throw otherRoleError()
  return replace(database, { holder, resource, key, before, role }, context)
}

/**
 * Gives a holder the role again that an entry of the audit changed, if no user changed it since.
 *
 * @throws {AppError} not-found for the holder; commit-conflict
 */
export async function restoreGrant(
  database: Database,
  { holder, resource, entry, key }: GrantOn & { entry: AuditEntry },
  context: AccessContext,
): Promise<void> {
  const before = await findGrantOn(database, holder, resource)
  // A grant that was removed and given again has another id.
  if ((before?.grantId ?? null) !== (entry.after?.grant ? entry.id : null)) throw otherRoleError()
  const role = ROLES.find((one) => one === entry.before?.grant?.role) ?? null
  await replace(database, { holder, resource, key, before, role, undoes: entry.id }, context)
}

type Replacement = GrantOn & { before: StoredGrant | null; role: Role | null; undoes?: string }

async function replace(
  database: Database,
  { holder, resource, key, before, role, undoes }: Replacement,
  context: AccessContext,
): Promise<string> {
  if (role !== null) await requireHolder(database, holder)
  const id = newAuditId()
  const roles = { holder: holder.name, resource, before: before?.role ?? null, after: role }
  const alongside = [
    grantAudit(roles, context, { id, undoes: undoes ?? null }),
    ...(key === null ? [] : responseChanges(key, id)),
  ]
  const grant = { grantId: id, holder, resource, createdBy: context.actor.username }
  try {
    if (role !== null) await commitGrant(database, [...replaceGrantChanges({ ...grant, role }, before), ...alongside])
    else if (before === null) throw otherRoleError()
    else await database.commit([deleteGrantChange(before.grantId), ...alongside])
  } catch (error) {
    if (error instanceof UnexpectedChanges && error.index === 0) throw otherRoleError()
    throw error
  }
  return id
}

function otherRoleError(): AppError {
  return new AppError('commit-conflict', 'The role was changed by another user since. It stays as it is.')
}
