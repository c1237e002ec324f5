import 'server-only'
import { AppError } from '@/lib/errors'
import { type Namespace, namespaceLabel, type TableRef } from '@/lib/iceberg/identifiers'
import type { Resource } from '@/lib/permissions'
import { type Actor, isPermitted } from '@/server/auth/actor'
import type { CatalogClient, Page } from './catalog-client'

/**
 * The catalog with its lists narrowed to what the actor's grants reach, and namespaces that none reaches as if they
 * were not there. Tables and views to load or change are asked for by name.
 */
export function asSeenBy(catalog: CatalogClient, actor: Actor): CatalogClient {
  const requireEntry = (namespace: Namespace) => {
    if (mayEnter(actor, { catalog: catalog.name, namespace })) return
    throw new AppError('not-found', `Namespace does not exist: ${namespaceLabel(namespace)}`, {
      facts: { missing: 'namespace' },
    })
  }
  const { pages, countContents, ...others } = catalog
  // Counts are of all that is there.
  const seesAll = isPermitted(actor, 'table:read', { catalog: catalog.name })
  const isReadable = (table: TableRef) => isPermitted(actor, 'table:read', table)
  return {
    ...others,
    ...(countContents && seesAll && { countContents }),
    async loadNamespace(namespace, asked) {
      requireEntry(namespace)
      const loaded = await catalog.loadNamespace(namespace, asked)
      // Who was granted a table in it may enter it on the way there.
      const isWhole = isPermitted(actor, 'catalog:read', { catalog: catalog.name, namespace })
      return isWhole ? loaded : { ...loaded, properties: {} }
    },
    async listNamespaces(parent, { onLeftOut, ...asked } = {}) {
      if (parent !== null) requireEntry(parent)
      const isSeen = (namespace: Namespace) => mayEnter(actor, { catalog: catalog.name, namespace })
      const namespaces = await catalog.listNamespaces(parent, {
        ...asked,
        onLeftOut(leftOut) {
          const seen = leftOut.filter(isSeen)
          if (seen.length > 0) onLeftOut?.(seen)
        },
      })
      return namespaces.filter(isSeen)
    },
    ...(pages && {
      pages: {
        async namespaces(parent, page) {
          if (parent !== null) requireEntry(parent)
          const isSeen = (namespace: Namespace) => mayEnter(actor, { catalog: catalog.name, namespace })
          return onlyOf(await pages.namespaces(parent, page), isSeen)
        },
        async tables(namespace, page) {
          requireEntry(namespace)
          return onlyOf(await pages.tables(namespace, page), isReadable)
        },
        async views(namespace, page) {
          requireEntry(namespace)
          return onlyOf(await pages.views(namespace, page), isReadable)
        },
      },
    }),
    async listTables(namespace, asked) {
      requireEntry(namespace)
      const tables = await catalog.listTables(namespace, asked)
      return tables.filter(isReadable)
    },
    async listViews(namespace, asked) {
      requireEntry(namespace)
      const views = await catalog.listViews(namespace, asked)
      return views.filter(isReadable)
    },
  }
}

function onlyOf<Item>({ items, next }: Page<Item>, isSeen: (item: Item) => boolean): Page<Item> {
  return { items: items.filter(isSeen), next }
}

/** Whether some grant reaches the place itself or something in it: no level that both name differs. */
export function mayEnter(actor: Actor, place: Resource): boolean {
  return actor.grants.some(({ on }) => {
    const levels = place.namespace ?? []
    return (
      isSame(on.catalog, place.catalog) &&
      (on.namespace ?? []).every((level, i) => isSame(level, levels[i])) &&
      isSame(on.table, place.table)
    )
  })
}

function isSame(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || other === undefined || one === other
}
