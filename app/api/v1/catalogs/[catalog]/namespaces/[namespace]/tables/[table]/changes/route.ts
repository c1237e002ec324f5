import { commitChanges } from '@/lib/contract/changes'
import { serve } from '@/server/http/serve'
import { commitIntents } from '@/server/table/commit-intents'
import { requireNoSecrets } from '@/server/table/shown-properties'
import { wrongMethod } from '@/server/http/wrong-method'

export const POST = serve(commitChanges, async ({ intents, ...ref }, asked) => {
  requireNoSecrets(intents)
  const { auditId, table } = await commitIntents(ref, intents, { ...asked, action: 'set-properties' })
  return { auditId, metadataLocation: table.metadataLocation }
})
export const { GET, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('POST')
