import 'server-only'
import type { Resource, Role } from '@/lib/permissions'
import { auditChange, type AuditState, type NewAuditEntry } from '@/server/db/audit'
import type { Change } from '@/server/db/database'

/** Who changes users, groups, grants or requests. */
export type AccessContext = { actor: NewAuditEntry['actor']; requestId: string | null }

/**
 * The audit row of such a change, to be committed with it.
 *
 * @param on the resource of the grant or the request, so that the entry is found by it
 */
export function accessAudit(
  action: string,
  { actor, requestId }: AccessContext,
  { before, after, on = {} }: { before: AuditState | null; after: AuditState | null; on?: Resource },
  { id, undoes = null }: { id?: string; undoes?: string | null } = {},
): Change {
  const { catalog, namespace, table } = on
  return auditChange(
    {
      actor,
      action,
      before,
      after,
      requestId,
      undoes,
      ...(catalog !== undefined &&
        namespace !== undefined &&
        (table === undefined ? { namespace: { catalog, namespace } } : { table: { catalog, namespace, table } })),
    },
    id === undefined ? {} : { id },
  )
}

/** The audit row of a change of the role that a holder has on a resource. */
export function grantAudit(
  {
    holder,
    resource: on,
    before,
    after,
  }: { holder: string; resource: Resource; before: Role | null; after: Role | null },
  context: AccessContext,
  options: { id?: string; undoes?: string | null } = {},
): Change {
  const toState = (role: Role | null) => role && { grant: { holder, role, on } }
  const action = after === null ? 'remove-grant' : before === null ? 'add-grant' : 'change-grant'
  return accessAudit(action, context, { before: toState(before), after: toState(after), on }, options)
}
