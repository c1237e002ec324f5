import 'server-only'
import { commitChanges, findChange, reviewChanges } from '@/lib/contract/table/changes'
import { serve } from '@/server/http/serve'
import { findWriteOutcome } from '@/server/changes/pipeline/write-key'
import type { Services } from '@/server/services'
import { commitIntents } from '@/server/changes/actions/change-table'
import { reviewIntents } from '@/server/changes/actions/review-intents'
import { requireNoSecrets } from '@/server/table/mask-properties'

export function changeEndpoints(services: Services) {
  return [
    serve(services, reviewChanges, async ({ intents, ...identifier }, { actor, signal }) => {
      requireNoSecrets(intents)
      const catalog = await services.catalogs.open(identifier.catalog, actor)
      return reviewIntents(services.keys, catalog, await catalog.loadTable(identifier, { signal }), intents, signal)
    }),
    serve(services, commitChanges, async ({ intents, confirmedName, idempotencyKey, ...identifier }, context) => {
      requireNoSecrets(intents)
      const request = { ...context, confirmedName, idempotencyKey }
      const { auditId, table } = await commitIntents(services, identifier, intents, request)
      return { auditId, metadataLocation: table.metadataLocation }
    }),
    serve(services, findChange, async ({ idempotencyKey }, { actor }) =>
      findWriteOutcome(services.database, actor, idempotencyKey),
    ),
  ]
}
