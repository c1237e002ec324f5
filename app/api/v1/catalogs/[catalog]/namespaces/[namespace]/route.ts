import { getNamespace } from '@/lib/contract/namespaces'
import { joinNamespace } from '@/lib/iceberg/identifiers'
import { openCatalog } from '@/server/catalog/open-catalog'
import { serve } from '@/server/http/serve'
import { shownProperties } from '@/server/table/shown-properties'
import { wrongMethod } from '@/server/http/wrong-method'

export const GET = serve(getNamespace, async ({ catalog, namespace }, { actor, signal }) => {
  const { properties } = await (await openCatalog(catalog, actor)).loadNamespace(namespace, { signal })
  return { properties: shownProperties(properties, joinNamespace(namespace)), location: properties['location'] ?? null }
})
export const { POST, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET')
