import 'server-only'
import type { Resource } from '@/lib/permissions'
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
): Change {
  const { catalog, namespace, table } = on
  return auditChange({
    actor,
    action,
    before,
    after,
    requestId,
    ...(catalog !== undefined &&
      namespace !== undefined &&
      (table === undefined ? { namespace: { catalog, namespace } } : { table: { catalog, namespace, table } })),
  })
}
