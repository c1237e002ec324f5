import { getView } from '@/lib/contract/views'
import { openCatalog } from '@/server/catalog/open-catalog'
import { serve } from '@/server/http/serve'
import { describeView } from '@/server/view/describe'
import { wrongMethod } from '@/server/http/wrong-method'

export const GET = serve(getView, async ({ catalog: name, namespace, view }, { actor, signal }) => {
  const catalog = await openCatalog(name, actor)
  const loaded = await catalog.loadView({ catalog: name, namespace, table: view }, { signal })
  return { catalogKind: catalog.kind, ...describeView(loaded) }
})
export const { POST, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET')
