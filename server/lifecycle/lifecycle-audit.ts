import 'server-only'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import type { Actor } from '@/server/auth/actor'
import { auditChange, newAuditId, type NewAuditEntry } from '@/server/db/audit'
import type { Change } from '@/server/db/database'

export type LifecycleContext = { actor: Actor; requestId: string; signal: AbortSignal }

type LifecycleEntry = { action: string; table: TableIdentifier; tableUuid: string | null } & Pick<
  NewAuditEntry,
  'before' | 'after' | 'undoes'
>

/** The audit row of a table that is renamed, dropped or restored, and its id. */
export function lifecycleAudit(
  { actor, requestId }: Pick<LifecycleContext, 'actor' | 'requestId'>,
  toEntry: (row: { metadataLocation: string | null }) => LifecycleEntry,
): { auditId: string; toChange: (row: { metadataLocation: string | null }) => Change } {
  const auditId = newAuditId()
  return {
    auditId,
    toChange: (row) => auditChange({ actor, via: actor.via ?? null, requestId, ...toEntry(row) }, { id: auditId }),
  }
}
