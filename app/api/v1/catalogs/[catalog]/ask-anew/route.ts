import { askCatalogAnew } from '@/lib/contract/catalogs'
import { openCatalog } from '@/server/catalog/open-catalog'
import { serve } from '@/server/http/serve'
import { wrongMethod } from '@/server/http/wrong-method'

export const POST = serve(askCatalogAnew, async ({ catalog }, { actor }) => {
  const { contact } = await openCatalog(catalog, actor)
  contact?.forget()
  return {}
})
export const { GET, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('POST')
