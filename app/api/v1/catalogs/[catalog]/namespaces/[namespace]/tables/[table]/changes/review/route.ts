import { reviewChanges } from '@/lib/contract/changes'
import { openCatalog } from '@/server/catalog/open-catalog'
import { serve } from '@/server/http/serve'
import { reviewIntents } from '@/server/table/review-intents'
import { requireNoSecrets } from '@/server/table/shown-properties'
import { wrongMethod } from '@/server/http/wrong-method'

export const POST = serve(reviewChanges, async ({ intents, ...ref }, { actor, signal }) => {
  requireNoSecrets(intents)
  const catalog = await openCatalog(ref.catalog, actor)
  return reviewIntents(catalog, await catalog.loadTable(ref, { signal }), intents, signal)
})
export const { GET, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('POST')
