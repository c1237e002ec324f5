import 'server-only'
import pMap from 'p-map'
import type { Facet, FacetEntry, FacetKind } from '@/lib/contract/facets'
import { type Actor, isPermitted } from '@/server/auth/actor'
import { type FacetObject, readFacetObjects, readFacets } from '@/server/db/search/facets'
import { toProblem } from '@/server/metrics/lake/to-problem'
import { readTableSummaryEntry } from '@/server/metrics/sizes/table-summary'
import type { Services } from '@/server/services'
import { readIndexedSources, toScope } from './indexed-sources'

const MAX_FACETS = 1_000
const PAGE_SIZE = 50
const MAX_OFFSET = 1_000_000
/** Each may read the metadata file of a table. */
const CONCURRENCY = 6

type FacetServices = Pick<Services, 'catalogs' | 'database' | 'log' | 'manifestCache'>
type FacetContext = { signal: AbortSignal; requestId: string }

/** The owners or the tags of the tables and views that the actor may read, by the search index. */
export async function listFacets(
  services: Pick<Services, 'catalogs' | 'database'>,
  actor: Actor,
  kind: FacetKind,
  search = '',
): Promise<{ facets: Facet[]; isTruncated: boolean; incompleteCatalogs: string[] }> {
  const { searched, incompleteCatalogs } = await readCoverage(services, actor)
  const scope = toScope(actor, searched)
  const found = await readFacets(services.database, kind, { scope, search, limit: MAX_FACETS + 1 })
  return {
    facets: found.slice(0, MAX_FACETS).map(({ name, count }) => ({ name, entryCount: count })),
    isTruncated: found.length > MAX_FACETS,
    incompleteCatalogs,
  }
}

/** A page of the tables and views with an owner or a tag that the actor may read. Tables come with their figures. */
export async function listFacetEntries(
  services: FacetServices,
  actor: Actor,
  { kind, name, offset = 0 }: { kind: FacetKind; name: string; offset?: number | undefined },
  context: FacetContext,
): Promise<{ entries: FacetEntry[]; nextOffset: number | null; incompleteCatalogs: string[] }> {
  const { searched, incompleteCatalogs } = await readCoverage(services, actor)
  const from = Math.min(Math.max(0, offset), MAX_OFFSET)
  const page = { scope: toScope(actor, searched), offset: from, limit: PAGE_SIZE + 1 }
  const found = await readFacetObjects(services.database, { kind, name }, page)
  // The query leaves out hidden objects; this check decides.
  const visible = found.slice(0, PAGE_SIZE).filter((one) => isPermitted(actor, 'table:read', toResource(one)))
  const entries = await pMap(visible, (one) => toEntry(services, actor, one, context), { concurrency: CONCURRENCY })
  return { entries, nextOffset: found.length > PAGE_SIZE ? from + PAGE_SIZE : null, incompleteCatalogs }
}

async function readCoverage(services: Pick<Services, 'catalogs' | 'database'>, actor: Actor) {
  const { sources, searched, indexed } = await readIndexedSources(services, actor)
  const complete = new Set(
    searched.flatMap(({ catalog }) => (indexed.get(catalog)?.isTruncated === false ? [catalog] : [])),
  )
  return { searched, incompleteCatalogs: sources.flatMap(({ catalog }) => (complete.has(catalog) ? [] : [catalog])) }
}

async function toEntry(
  services: FacetServices,
  actor: Actor,
  object: FacetObject,
  context: FacetContext,
): Promise<FacetEntry> {
  const { kind, catalog, namespace, table } = object
  const identity = { kind, catalog, namespace }
  if (kind === 'view') return { ...identity, table, summary: null, problem: null }
  try {
    const client = await services.catalogs.open(catalog, actor)
    const summarized = { ...context, nowMs: services.database.nowMs() }
    return { ...identity, ...(await readTableSummaryEntry(services, client, toResource(object), summarized)) }
  } catch (error) {
    return { ...identity, table, summary: null, problem: toProblem(services.log, error, context) }
  }
}

function toResource({ catalog, namespace, table }: FacetObject) {
  return { catalog, namespace, table }
}
