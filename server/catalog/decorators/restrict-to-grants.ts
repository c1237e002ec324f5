import 'server-only'
import { asTableIdentifier, type Namespace, type TableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { type Actor, canEnter, isPermitted, requireVisible } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { Page } from '@/server/catalog/port/catalog-lists'

/**
 * Wraps a catalog so that lists contain only what the actor's grants reach, and other namespaces, tables and views
 * appear not to exist. Changing a table or view by name is not restricted here.
 */
export function restrictToGrants(catalog: CatalogClient, actor: Actor): CatalogClient {
  const requireNamespaceAccess = (namespace: Namespace) => requireVisible(actor, { catalog: catalog.name, namespace })
  const { pages, countContents, listVersions, pollMetadata, ...others } = catalog
  // Counts include everything in the namespace, so only people who may read all of the catalog get them.
  const canReadAll = isPermitted(actor, 'table:read', { catalog: catalog.name })
  const isReadable = (table: TableIdentifier) => isPermitted(actor, 'table:read', table)
  const isReadableView = (view: ViewIdentifier) => isReadable(asTableIdentifier(view))
  return {
    ...others,
    ...(countContents && canReadAll && { countContents }),
    ...(listVersions && canReadAll && { listVersions }),
    async loadTable(table, options) {
      requireVisible(actor, table)
      return catalog.loadTable(table, options)
    },
    ...(pollMetadata && {
      async pollMetadata(table, options) {
        requireVisible(actor, table)
        return pollMetadata(table, options)
      },
    }),
    async loadView(view, options) {
      requireVisible(actor, asTableIdentifier(view))
      return catalog.loadView(view, options)
    },
    async loadNamespace(namespace, options) {
      requireNamespaceAccess(namespace)
      const loaded = await catalog.loadNamespace(namespace, options)
      // A person with a grant on a table may enter its namespace without reading the properties.
      const canReadProperties = isPermitted(actor, 'catalog:read', { catalog: catalog.name, namespace })
      return canReadProperties ? loaded : { ...loaded, properties: {} }
    },
    async listNamespaces(parent, { onUnaddressable, ...options } = {}) {
      if (parent !== null) requireNamespaceAccess(parent)
      const isVisible = (namespace: Namespace) => canEnter(actor, { catalog: catalog.name, namespace })
      const namespaces = await catalog.listNamespaces(parent, {
        ...options,
        onUnaddressable(unaddressable) {
          const visible = unaddressable.filter(isVisible)
          if (visible.length > 0) onUnaddressable?.(visible)
        },
      })
      return namespaces.filter(isVisible)
    },
    ...(pages && {
      pages: {
        async namespaces(parent, page) {
          if (parent !== null) requireNamespaceAccess(parent)
          const isVisible = (namespace: Namespace) => canEnter(actor, { catalog: catalog.name, namespace })
          return filterPage(await pages.namespaces(parent, page), isVisible)
        },
        async tables(namespace, page) {
          requireNamespaceAccess(namespace)
          return filterPage(await pages.tables(namespace, page), isReadable)
        },
        async views(namespace, page) {
          requireNamespaceAccess(namespace)
          return filterPage(await pages.views(namespace, page), isReadableView)
        },
      },
    }),
    async listTables(namespace, options) {
      requireNamespaceAccess(namespace)
      const tables = await catalog.listTables(namespace, options)
      return tables.filter(isReadable)
    },
    async listViews(namespace, options) {
      requireNamespaceAccess(namespace)
      const views = await catalog.listViews(namespace, options)
      return views.filter(isReadableView)
    },
  }
}

function filterPage<Item>({ items, next }: Page<Item>, isVisible: (item: Item) => boolean): Page<Item> {
  return { items: items.filter(isVisible), next }
}
