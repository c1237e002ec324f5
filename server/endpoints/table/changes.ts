import 'server-only'
import { commitChanges, findChange, reviewChanges } from '@/lib/contract/table/changes'
import { serve } from '@/server/http/serve'
import { findWriteOutcome } from '@/server/lifecycle/write-once'
import type { Services } from '@/server/services'
import { commitIntents } from '@/server/table/commit/commit-intents'
import { reviewIntents } from '@/server/table/commit/review-intents'
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
      const { auditId, table } = await commitIntents(services, identifier, intents, {
        ...context,
        confirmedName,
        idempotencyKey,
      })
      return { auditId, metadataLocation: table.metadataLocation }
    }),
    serve(services, findChange, async ({ idempotencyKey }, { actor }) =>
      findWriteOutcome(services.database, actor, idempotencyKey),
    ),
  ]
}
