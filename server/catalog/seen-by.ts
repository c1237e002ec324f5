import 'server-only'
import type { Resource } from '@/lib/permissions'
import { type Actor, isPermitted } from '@/server/auth/actor'
import type { CatalogClient } from './catalog-client'

/** The catalog with its lists narrowed to what the actor's grants reach. What to load or change is asked by name. */
export function asSeenBy(catalog: CatalogClient, actor: Actor): CatalogClient {
  return {
    ...catalog,
    async listNamespaces(parent, asked) {
      const namespaces = await catalog.listNamespaces(parent, asked)
      return namespaces.filter((namespace) => mayEnter(actor, { catalog: catalog.name, namespace }))
    },
    async listTables(namespace, asked) {
      const tables = await catalog.listTables(namespace, asked)
      return tables.filter((table) => isPermitted(actor, 'table:read', table))
    },
    async listViews(namespace, asked) {
      const views = await catalog.listViews(namespace, asked)
      return views.filter((view) => isPermitted(actor, 'table:read', view))
    },
  }
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
