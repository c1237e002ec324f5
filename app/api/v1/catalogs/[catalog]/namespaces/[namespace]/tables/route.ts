import { listTables } from '@/lib/contract/namespaces'
import { openCatalog } from '@/server/catalog/open-catalog'
import { serve } from '@/server/http/serve'
import { pageOf } from '@/server/metrics/page-of'
import { wrongMethod } from '@/server/http/wrong-method'

const PAGE_LENGTH = 1000

export const GET = serve(listTables, async ({ catalog, namespace, offset }, { actor, signal }) => {
  const tables = await (await openCatalog(catalog, actor)).listTables(namespace, { signal })
  const { items, ...page } = pageOf(tables, offset ?? 0, PAGE_LENGTH)
  return { ...page, tables: items.map(({ table }) => table) }
})
export const { POST, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET')
