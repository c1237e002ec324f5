import 'server-only'
import { type Actor, permittedResources } from '@/server/auth/actor'
import type { SearchSource } from '@/server/catalog/catalogs'
import { type IndexedCatalog, isIndexOf, readIndexedCatalogs } from '@/server/db/search/indexed-catalogs'
import type { SearchScope } from '@/server/db/search/search-scope'
import type { Services } from '@/server/services'

export type IndexedSources = {
  /** Of every catalog that the actor may enter. */
  sources: readonly SearchSource[]
  /** Those that the index answers for. Others are seen by each person with their own credentials. */
  searched: readonly SearchSource[]
  indexed: ReadonlyMap<string, IndexedCatalog>
}

/** What the index has of the catalogs that the actor may enter. */
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

/** What the actor may find in the catalogs of these sources. */
export function toScope(actor: Actor, sources: readonly SearchSource[]): SearchScope {
  return {
    catalogs: sources.map(({ catalog }) => catalog),
    tables: permittedResources(actor, 'table:read'),
    namespaceDetails: permittedResources(actor, 'catalog:read'),
    reached: actor.grants.map(({ on }) => on),
  }
}
