import 'server-only'
import { type Actor, permittedResources } from '@/server/auth/actor'
import type { SearchSource } from '@/server/catalog/catalogs'
import { type IndexedCatalog, isIndexOf, readIndexedCatalogs } from '@/server/db/search/indexed-catalogs'
import type { SearchScope } from '@/server/db/search/search-scope'
import type { Services } from '@/server/services'

export type IndexedSources = {
  /** Sources of every catalog that the actor may enter. */
  sources: readonly SearchSource[]
  /** Sources whose answers come from the index. Other catalogs are read with each person's own credentials. */
  searched: readonly SearchSource[]
  indexed: ReadonlyMap<string, IndexedCatalog>
}

/** The state of the index for the catalogs that the actor may enter. */
export async function readIndexedSources(
  { catalogs, database }: Pick<Services, 'catalogs' | 'database'>,
  actor: Actor,
): Promise<IndexedSources> {
  const [sources, indexedCatalogs] = await Promise.all([
    catalogs.listSearchSources(actor),
    readIndexedCatalogs(database),
  ])
  const indexed = new Map(indexedCatalogs.map((one) => [one.catalog, one]))
  const searched = sources.filter((source) => !source.isPersonal && isOf(indexed.get(source.catalog), source))
  return { sources, searched, indexed }
}

/** Rows of another connection of that name, or of another reader, do not count. */
export function isOf(indexed: IndexedCatalog | undefined, { source }: SearchSource): boolean {
  return indexed === undefined || isIndexOf(indexed, source)
}

/** The objects that the actor may find in the catalogs of these sources. */
export function toScope(actor: Actor, sources: readonly SearchSource[]): SearchScope {
  return {
    catalogs: sources.map(({ catalog }) => catalog),
    tables: permittedResources(actor, 'table:read'),
    namespaceDetails: permittedResources(actor, 'catalog:read'),
    reached: actor.grants.map(({ resource: on }) => on),
  }
}
