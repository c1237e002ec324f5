import 'server-only'
import { commitChanges, reviewChanges } from '@/lib/contract/changes'
import { openCatalog } from '@/server/catalog/open-catalog'
import { serve } from '@/server/http/serve'
import { commitIntents } from '@/server/table/commit-intents'
import { reviewIntents } from '@/server/table/review-intents'
import { requireNoSecrets } from '@/server/table/shown-properties'

export const changeEndpoints = [
  serve(reviewChanges, async ({ intents, ...ref }, { actor, signal }) => {
    requireNoSecrets(intents)
    const catalog = await openCatalog(ref.catalog, actor)
    return reviewIntents(catalog, await catalog.loadTable(ref, { signal }), intents, signal)
  }),
  serve(commitChanges, async ({ intents, ...ref }, asked) => {
    requireNoSecrets(intents)
    const { auditId, table } = await commitIntents(ref, intents, { ...asked, action: 'set-properties' })
    return { auditId, metadataLocation: table.metadataLocation }
  }),
]
