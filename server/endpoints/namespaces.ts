import 'server-only'
import {
  changeNamespaceProperties,
  createNamespace,
  dropNamespace,
  reviewNamespaceDrop,
} from '@/lib/contract/lifecycle/namespaces'
import { getNamespace, listBadges, listNamespaces, listTableSummaries, listTables } from '@/lib/contract/namespaces'
import { joinNamespace } from '@/lib/names/identifiers'
import { serve } from '@/server/http/serve'
import { listNamespaceEntries } from '@/server/metrics/lake/namespace-entries'
import { slicePage } from '@/server/metrics/lake/slice-page'
import { readTableSummaries } from '@/server/metrics/sizes/table-summary'
import type { Services } from '@/server/services'
import { listBadgesIn } from '@/server/search/list-badges'
import * as lifecycle from '@/server/lifecycle/change-namespace'
import { dropNamespace as drop } from '@/server/namespace/drop-namespace'
import { reviewNamespaceDrop as reviewDrop } from '@/server/namespace/review-namespace-drop'
import { maskProperties } from '@/server/table/mask-properties'

const PAGE_SIZE = 1000

export function namespaceEndpoints(services: Services) {
  const { catalogs, keys } = services
  return [
    serve(services, getNamespace, async ({ catalog, namespace }, { actor, signal }) => {
      const { properties } = await (await catalogs.open(catalog, actor)).loadNamespace(namespace, { signal })
      return {
        properties: maskProperties(keys, properties, joinNamespace(namespace)),
        location: properties['location'] ?? null,
      }
    }),
    serve(services, listTableSummaries, async ({ catalog, namespace, offset }, { actor, signal, requestId }) =>
      readTableSummaries(services, await catalogs.open(catalog, actor), namespace, offset ?? 0, {
        signal,
        requestId,
        nowMs: Date.now(),
      }),
    ),
    serve(services, listTables, async ({ catalog, namespace, offset }, { actor, signal }) => {
      const tables = await (await catalogs.open(catalog, actor)).listTables(namespace, { signal })
      const { items, ...page } = slicePage(tables, offset ?? 0, PAGE_SIZE)
      return { ...page, tables: items.map(({ table }) => table) }
    }),
    serve(services, listBadges, ({ catalog, parent }, { actor }) =>
      listBadgesIn(services, actor, catalog, parent ?? null),
    ),
    serve(services, createNamespace, async ({ catalog, namespace, properties = {} }, { actor, signal }) => {
      await lifecycle.createNamespace(await catalogs.open(catalog, actor), namespace, properties, signal)
      return {}
    }),
    serve(services, changeNamespaceProperties, async ({ catalog, namespace, changes }, { actor, signal }) => {
      const opened = await catalogs.open(catalog, actor)
      await lifecycle.changeNamespaceProperties(keys, opened, namespace, changes, signal)
      return {}
    }),
    serve(services, reviewNamespaceDrop, async (namespace, context) => reviewDrop(services, namespace, context)),
    serve(services, dropNamespace, async ({ confirmedName, tables = [], views = [], namespaces, ...on }, context) => {
      await drop(services, on, { confirmedName, contents: [{ ...on, tables, views }, ...(namespaces ?? [])] }, context)
      return {}
    }),
    serve(services, listNamespaces, async ({ catalog, parent }, { actor, signal }) =>
      listNamespaceEntries(await catalogs.open(catalog, actor), parent ?? null, { signal }),
    ),
  ]
}
