import 'server-only'
import type { Actor } from '@/server/auth/actor'
import type { CommittedView } from '@/server/catalog/catalog-client'
import type { NewAuditEntry } from '@/server/db/audit'

/** What an audit row tells of a view that was made or changed: which metadata file took the place of which. */
export function viewAuditEntry(
  { before, after }: CommittedView,
  { actor, action, requestId }: { actor: Actor; action: string; requestId: string | null },
): NewAuditEntry {
  return {
    actor: { userId: actor.userId, username: actor.username },
    via: actor.via ?? null,
    action,
    table: after.identifier,
    tableUuid: after.metadata.viewUuid,
    before: before && { metadataLocation: before.metadataLocation },
    after: { metadataLocation: after.metadataLocation },
    requestId,
    undoes: null,
  }
}
