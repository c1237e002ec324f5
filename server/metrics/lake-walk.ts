import 'server-only'
import type { Namespace, TableRef } from '@/lib/iceberg/identifiers'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/catalog-client'
import { catalogNames, openCatalog } from '@/server/catalog/open-catalog'

/** A lake larger than this is looked at in part, and every answer made from it says so. */
const MAX_NAMESPACES = 5_000
const MAX_TABLES = 20_000

export type Lake = {
  catalogs: CatalogClient[]
  namespaces: { catalog: string; namespace: Namespace }[]
  tables: TableRef[]
  /** Whether a limit was reached and more is there. */
  isCut: boolean
}

/** Every namespace and table of every catalog that the actor's grants reach, top down, in name order. Names only. */
export async function walkLake(actor: Actor, { signal }: { signal: AbortSignal }): Promise<Lake> {
  const catalogs = await Promise.all(catalogNames(actor).map((name) => openCatalog(name, actor)))
  const lake: Lake = { catalogs, namespaces: [], tables: [], isCut: false }
  for (const catalog of catalogs) {
    const toVisit: Namespace[] = await catalog.listNamespaces(null, { signal })
    for (let namespace = toVisit.shift(); namespace !== undefined; namespace = toVisit.shift()) {
      if (lake.namespaces.length >= MAX_NAMESPACES || lake.tables.length >= MAX_TABLES) return { ...lake, isCut: true }
      lake.namespaces.push({ catalog: catalog.name, namespace })
      lake.tables.push(...(await catalog.listTables(namespace, { signal })))
      toVisit.unshift(...(await catalog.listNamespaces(namespace, { signal })))
    }
  }
  return lake
}
