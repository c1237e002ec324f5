import { listCatalogs } from '@/lib/contract/catalogs'
import { catalogNames, openCatalog } from '@/server/catalog/open-catalog'
import { serve } from '@/server/http/serve'
import { wrongMethod } from '@/server/http/wrong-method'

export const GET = serve(listCatalogs, async (_, { actor, signal }) => {
  const catalogs = catalogNames(actor).map(async (name) => {
    const catalog = await openCatalog(name, actor)
    const namespaces = await catalog.listNamespaces(null, { signal })
    return { name, kind: catalog.kind, warehouse: catalog.warehouse, namespaceCount: namespaces.length }
  })
  return { catalogs: await Promise.all(catalogs) }
})
export const { POST, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET')
