import 'server-only'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Actor } from '@/server/auth/actor'
import type { WritePlan } from '@/server/catalog/catalog-client'
import { auditChange, newAuditId, type NewAuditEntry } from '@/server/db/audit'
import type { Proposal } from '@/server/db/catalog/proposals'
import type { Change } from '@/server/db/database'

export type LifecycleContext = {
  actor: Actor
  requestId: string | null
  signal: AbortSignal
  /** What is carried out; absent: a user acts alone. */
  proposal?: Proposal | undefined
}

type LifecycleEntry = { action: string; table: TableIdentifier; tableUuid: string | null } & Pick<
  NewAuditEntry,
  'before' | 'after' | 'undoes'
>

type Row = { metadataLocation: string | null }

/**
 * The audit row of a table that is renamed, dropped or restored, and its id.
 *
 * @param known the row of the catalog as far as it is known before the write
 */
export function lifecycleAudit(
  { actor, requestId }: Pick<LifecycleContext, 'actor' | 'requestId'>,
  known: Row,
  toEntry: (row: Row) => LifecycleEntry,
): { auditId: string; plan: WritePlan; toChange: (row: Row) => Change } {
  const auditId = newAuditId()
  const complete = (row: Row): NewAuditEntry => ({ actor, via: actor.via ?? null, requestId, ...toEntry(row) })
  return {
    auditId,
    plan: { auditId, entry: complete(known) },
    toChange: (row) => auditChange(complete(row), { id: auditId }),
  }
}
