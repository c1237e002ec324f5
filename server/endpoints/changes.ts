import 'server-only'
import { commitChanges, reviewChanges } from '@/lib/contract/changes'
import { serve } from '@/server/http/serve'
import type { Services } from '@/server/services'
import { commitIntents } from '@/server/table/commit-intents'
import { reviewIntents } from '@/server/table/review-intents'
import { requireNoSecrets } from '@/server/table/shown-properties'

export function changeEndpoints(services: Services) {
  return [
    serve(services, reviewChanges, async ({ intents, ...ref }, { actor, signal }) => {
      requireNoSecrets(intents)
      const catalog = await services.catalogs.open(ref.catalog, actor)
      return reviewIntents(services.keys, catalog, await catalog.loadTable(ref, { signal }), intents, signal)
    }),
    serve(services, commitChanges, async ({ intents, ...ref }, asked) => {
      requireNoSecrets(intents)
      const { auditId, table } = await commitIntents(services, ref, intents, { ...asked, action: 'set-properties' })
      return { auditId, metadataLocation: table.metadataLocation }
    }),
  ]
}
