import 'server-only'
import { asTableIdentifier } from '@/lib/iceberg/identifiers'
import type { Actor } from '@/server/auth/actor'
import type { CommittedView } from '@/server/catalog/catalog-client'
import type { NewAuditEntry } from '@/server/db/audit'

/** The audit entry of a created or replaced view: the metadata files before and after. */
export function viewAuditEntry(
  { before, after }: CommittedView,
  { actor, action, requestId }: { actor: Actor; action: string; requestId: string | null },
): NewAuditEntry {
  return {
    actor,
    via: actor.via ?? null,
    action,
    table: asTableIdentifier(after.identifier),
    tableUuid: after.metadata.viewUuid,
    before: before && { metadataLocation: before.metadataLocation },
    after: { metadataLocation: after.metadataLocation },
    requestId,
  }
}
