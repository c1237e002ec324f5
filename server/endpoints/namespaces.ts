import 'server-only'
import {
  changeNamespaceProperties,
  createNamespace,
  dropNamespace,
  reviewNamespaceDrop,
} from '@/lib/contract/lifecycle/namespaces'
import { getNamespace, listBadges, listNamespaceContents, listNamespaces, listTables } from '@/lib/contract/namespaces'
import { joinNamespace } from '@/lib/names/identifiers'
import { nameFilter } from '@/lib/search/name-filter'
import { isPermitted } from '@/server/auth/actor'
import { countOpenProposals, namespaceKey } from '@/server/db/catalog/proposals'
import { serve } from '@/server/http/serve'
import { readNamespaceContents } from '@/server/metrics/sizes/namespace-contents'
import { listNamespaceEntries } from '@/server/metrics/lake/namespace-entries'
import { slicePage } from '@/server/metrics/lake/slice-page'
import type { Services } from '@/server/services'
import { listBadgesIn } from '@/server/search/list-badges'
import { changePropertiesAction, createNamespaceAction } from '@/server/changes/actions/change-namespace'
import { dropNamespaceAction } from '@/server/changes/actions/drop-namespace'
import { carryOut } from '@/server/changes/pipeline/carry-out'
import { showReview } from '@/server/changes/pipeline/review-action'
import { maskProperties } from '@/server/table/mask-properties'
import { clock } from '@/server/timing/clock'

const PAGE_SIZE = 1000

export function namespaceEndpoints(services: Services) {
  const { catalogs, keys } = services
  return [
    serve(services, getNamespace, async ({ catalog, namespace }, { actor, signal }) => {
      const { properties } = await (await catalogs.open(catalog, actor)).loadNamespace(namespace, { signal })
      const of = { catalog, tableUuid: namespaceKey(namespace) }
      return {
        properties: maskProperties(keys, properties, joinNamespace(namespace)),
        location: properties['location'] ?? null,
        openProposalCount: isPermitted(actor, 'table:read', { catalog, namespace })
          ? await countOpenProposals(services.database, of)
          : 0,
      }
    }),
    serve(services, listNamespaceContents, async ({ catalog, namespace, ...request }, { actor, signal, requestId }) =>
      readNamespaceContents(services, await catalogs.open(catalog, actor), namespace, request, {
        signal,
        requestId,
        nowMs: clock.nowMs(),
      }),
    ),
    serve(services, listTables, async ({ catalog, namespace, search = '', offset }, { actor, signal }) => {
      const tables = await (await catalogs.open(catalog, actor)).listTables(namespace, { signal })
      const names = tables.map(({ table }) => table).filter(nameFilter(search))
      const { items, ...page } = slicePage(names, offset ?? 0, PAGE_SIZE)
      return { ...page, tables: items }
    }),
    serve(services, listBadges, ({ catalog, parent }, { actor }) =>
      listBadgesIn(services, actor, catalog, parent ?? null),
    ),
    serve(services, createNamespace, ({ properties = {}, idempotencyKey, ...on }, context) =>
      carryOut(services, createNamespaceAction, { on, input: { properties } }, { ...context, idempotencyKey }),
    ),
    serve(services, changeNamespaceProperties, ({ changes, idempotencyKey, ...on }, context) =>
      carryOut(services, changePropertiesAction, { on, input: { changes } }, { ...context, idempotencyKey }),
    ),
    serve(services, reviewNamespaceDrop, (on, context) =>
      showReview(services, dropNamespaceAction, { on, input: {} }, context),
    ),
    serve(services, dropNamespace, (input, context) => {
      const { confirmedName, tables = [], views = [], namespaces = [], idempotencyKey, ...on } = input
      const contents = [{ namespace: on.namespace, tables, views }, ...namespaces]
      const request = { ...context, confirmedName, idempotencyKey }
      return carryOut(services, dropNamespaceAction, { on, input: { contents } }, request)
    }),
    serve(services, listNamespaces, async ({ catalog, parent, search }, { actor, signal }) =>
      listNamespaceEntries(await catalogs.open(catalog, actor), parent ?? null, { search, signal }),
    ),
  ]
}
