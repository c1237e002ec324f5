import 'server-only'
import { getNamespace, listNamespaces, listTableSummaries, listTables } from '@/lib/contract/namespaces'
import { joinNamespace } from '@/lib/iceberg/identifiers'
import { openCatalog } from '@/server/catalog/open-catalog'
import { serve } from '@/server/http/serve'
import { namespaceEntries } from '@/server/metrics/namespace-entries'
import { pageOf } from '@/server/metrics/page-of'
import { tableSummaries } from '@/server/metrics/table-summary'
import { shownProperties } from '@/server/table/shown-properties'

const PAGE_LENGTH = 1000

export const namespaceEndpoints = [
  serve(getNamespace, async ({ catalog, namespace }, { actor, signal }) => {
    const { properties } = await (await openCatalog(catalog, actor)).loadNamespace(namespace, { signal })
    return {
      properties: shownProperties(properties, joinNamespace(namespace)),
      location: properties['location'] ?? null,
    }
  }),
  serve(listTableSummaries, async ({ catalog, namespace, offset }, { actor, signal, requestId }) =>
    tableSummaries(await openCatalog(catalog, actor), namespace, offset ?? 0, { signal, requestId, nowMs: Date.now() }),
  ),
  serve(listTables, async ({ catalog, namespace, offset }, { actor, signal }) => {
    const tables = await (await openCatalog(catalog, actor)).listTables(namespace, { signal })
    const { items, ...page } = pageOf(tables, offset ?? 0, PAGE_LENGTH)
    return { ...page, tables: items.map(({ table }) => table) }
  }),
  serve(listNamespaces, async ({ catalog, parent }, { actor, signal }) =>
    namespaceEntries(await openCatalog(catalog, actor), parent ?? null, { signal }),
  ),
]
