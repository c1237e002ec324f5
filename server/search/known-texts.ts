import 'server-only'
import pMap from 'p-map'
import { AppError } from '@/lib/errors'
import { CHECK_PREFIX } from '@/lib/iceberg/properties/table-checks'
import { asViewIdentifier, type TableIdentifier } from '@/lib/names/identifiers'
import type { NamedTable } from '@/lib/query/checks/table-use'
import { resolveNamesInView } from '@/lib/query/checks/view-sql-problem'
import type { ViewDefaults } from '@/lib/query/tables/view-references'
import { type Actor, isPermitted } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { findProposal, listOpenProposals, type Proposal, type ProposedOn } from '@/server/db/catalog/proposals'
import { listSchedules, type Schedule } from '@/server/db/jobs/schedules'
import { type IndexedView, readIndexedViews, readTablesWithProperty } from '@/server/db/search/sql-objects'
import type { TimeBudget } from '@/server/metrics/lake/time-budget'
import { listVisibleQueries } from '@/server/query/saved-queries'
import type { ViewText, ViewTextsCache } from '@/server/query/view-texts'
import type { Services } from '@/server/services'
import { readIndexedSources, toScope } from './indexed-sources'

/** The SQL that Lakeshore knows of views, checks and proposals, with the tables that it names. */

/** Each is a read of a metadata file. */
const MAX_VIEWS = 300
const MAX_TABLES_WITH_CHECKS = 100
const MAX_OPEN_PROPOSALS = 1_000
const MAX_READ_PROPOSALS = 100
const CONCURRENCY = 8

export type UseServices = Pick<Services, 'catalogs' | 'config' | 'database' | 'namedTables' | 'viewTexts'>

/** `named`: the tables and views that the text names; null: it cannot be resolved. */
export type ResolvedText = { sql: string; named: readonly NamedTable[] | null }
/** `isTruncated`: there are more. `incomplete`: catalogs of which not everything could be read. */
type Listed<Item> = { found: readonly Item[]; isTruncated: boolean; incomplete?: readonly string[] }
/** Read once for the uses of any number of tables, as far as the actor may read it. */
export type KnownTexts = {
  services: UseServices
  actor: Actor
  /** The names that may stand before a namespace. */
  connections: readonly string[]
  views: Listed<{ view: TableIdentifier; texts: readonly ResolvedText[] }>
  tablesWithChecks: Listed<{ table: TableIdentifier; properties: Readonly<Record<string, string>> }>
  proposals: Listed<{ on: TableIdentifier; proposal: Proposal }>
  schedules: readonly Schedule[]
  /** Without any, none is searched for. */
  hasQueries: boolean
  /** The catalogs whose views and checks are not indexed for the actor. */
  uncovered: readonly string[]
}

type IndexReader = { services: UseServices; actor: Actor; budget: TimeBudget }

/**
 * Reads what the index, the catalogs and the database have. A catalog that does not answer within the budget is named as
 * incomplete.
 */
export async function readKnownTexts(services: UseServices, actor: Actor, budget: TimeBudget): Promise<KnownTexts> {
  const connections = await services.catalogs.listNames(actor)
  const { sources, searched } = await readIndexedSources(services, actor)
  const scope = toScope(actor, searched)
  const covered = new Set(searched.map(({ catalog }) => catalog))
  const reader = { services, actor, budget }
  const [views, tablesWithChecks, proposals, schedules, queries] = await Promise.all([
    readViews({ ...reader, connections }, await readIndexedViews(services.database, { scope, limit: MAX_VIEWS + 1 })),
    readTablesWithChecks(
      reader,
      await readTablesWithProperty(services.database, CHECK_PREFIX, { scope, limit: MAX_TABLES_WITH_CHECKS + 1 }),
    ),
    readProposals(reader),
    listSchedules(services.database),
    listVisibleQueries(services, actor, { limit: 1 }),
  ])
  const uncovered = sources.flatMap(({ catalog }) => (covered.has(catalog) ? [] : [catalog]))
  const hasQueries = queries.queries.length > 0
  return { services, actor, connections, views, tablesWithChecks, proposals, schedules, hasQueries, uncovered }
}

async function readViews(
  reader: IndexReader & Pick<KnownTexts, 'connections'>,
  indexed: readonly IndexedView[],
): Promise<KnownTexts['views']> {
  const { viewTexts } = reader.services
  const read = await readEach(reader, indexed.slice(0, MAX_VIEWS), async (catalog, indexedView, signal) => {
    const { metadataLocation: knownLocation, ...view } = indexedView
    const known = knownLocation === null ? undefined : viewTexts.find(knownLocation)
    const { representations, defaults } = known ?? (await readViewText(viewTexts, catalog, view, signal))
    return [{ view, texts: resolveView(reader, view, representations, defaults) }]
  })
  return { ...read, isTruncated: indexed.length > MAX_VIEWS }
}

async function readViewText(
  viewTexts: ViewTextsCache,
  catalog: CatalogClient,
  entry: TableIdentifier,
  signal: AbortSignal,
): Promise<ViewText> {
  const { metadata, metadataLocation } = await catalog.loadView(asViewIdentifier(entry), { signal })
  const version = metadata.versions.find(({ versionId }) => versionId === metadata.currentVersionId)
  const { defaultCatalog = null, defaultNamespace = [] } = version ?? {}
  const text = {
    representations: version?.representations.flatMap((one) => (one.type === 'sql' ? [one] : [])) ?? [],
    defaults: { defaultCatalog, defaultNamespace },
  }
  viewTexts.add(metadataLocation, text)
  return text
}

/** The texts of a view with what each names. */
export function resolveView(
  { connections }: Pick<KnownTexts, 'connections'>,
  view: TableIdentifier,
  representations: readonly { dialect: string; sql: string }[],
  defaults: ViewDefaults,
): ResolvedText[] {
  return representations.map((draft) => ({
    sql: draft.sql,
    named: orUnknown(() => resolveNamesInView(draft, view, defaults, connections))?.map(toCertain) ?? null,
  }))
}

async function readTablesWithChecks(
  reader: IndexReader,
  indexed: readonly TableIdentifier[],
): Promise<KnownTexts['tablesWithChecks']> {
  const read = await readEach(reader, indexed.slice(0, MAX_TABLES_WITH_CHECKS), async (catalog, table, signal) => [
    { table, properties: (await catalog.loadTable(table, { signal })).metadata.properties },
  ])
  return { ...read, isTruncated: indexed.length > MAX_TABLES_WITH_CHECKS }
}

async function readProposals({ services, actor }: IndexReader): Promise<KnownTexts['proposals']> {
  const open = await listOpenProposals(services.database, { limit: MAX_OPEN_PROPOSALS })
  const readable = open.filter(({ entryKind, on }) => entryKind !== 'namespace' && isPermitted(actor, 'table:read', on))
  const read = await pMap(
    readable.slice(0, MAX_READ_PROPOSALS),
    async ({ proposalId, on }) => ({ on, proposal: await findProposal(services.database, proposalId) }),
    { concurrency: CONCURRENCY },
  )
  return {
    found: read.flatMap(({ on, proposal }) => (proposal === null || !isOnTable(on) ? [] : [{ on, proposal }])),
    isTruncated: readable.length > MAX_READ_PROPOSALS || open.length === MAX_OPEN_PROPOSALS,
  }
}

function isOnTable(on: ProposedOn): on is TableIdentifier {
  return 'table' in on
}

/** Reads objects of the index. Those that no longer exist, or that the actor may not read, are left out. */
async function readEach<Entry extends TableIdentifier, Item>(
  { services, actor, budget }: IndexReader,
  entries: readonly Entry[],
  read: (catalog: CatalogClient, entry: Entry, signal: AbortSignal) => Promise<Item[]>,
): Promise<{ found: Item[]; incomplete: string[] }> {
  const incomplete = new Set<string>()
  /** They are not asked again. */
  const silent = new Set<string>()
  const found = await pMap(
    // The query leaves out hidden objects; this check decides.
    entries.filter((entry) => isPermitted(actor, 'table:read', entry)),
    async (entry) => {
      if (silent.has(entry.catalog)) return []
      try {
        const catalog = await services.catalogs.open(entry.catalog, actor)
        return await budget.spend(catalog, (signal) => read(catalog, entry, signal))
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        if (error.code === 'not-found') return []
        incomplete.add(entry.catalog)
        if (error.code === 'catalog-unavailable') silent.add(entry.catalog)
        return []
      }
    },
    { concurrency: CONCURRENCY },
  )
  return { found: found.flat(), incomplete: [...incomplete] }
}

export function toCertain(identifier: TableIdentifier): NamedTable {
  return { identifier, isCertain: true }
}

/** Null for names that nothing can have. */
export function orUnknown<Result>(resolve: () => Result): Result | null {
  try {
    return resolve()
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}
