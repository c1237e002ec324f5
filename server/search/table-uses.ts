import 'server-only'
import pMap from 'p-map'
import { type TableUse as TableUseOnWire, MAX_TABLE_USES, type TableUses } from '@/lib/contract/table/uses'
import { AppError } from '@/lib/errors'
import { CHECK_PREFIX, tableChecks } from '@/lib/iceberg/properties/table-checks'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import { asViewIdentifier, isSameTable, type TableIdentifier } from '@/lib/names/identifiers'
import { checkStatement } from '@/lib/query/checks/check-statement'
import {
  findNamedColumns,
  findTableUse,
  joinTableUses,
  type NamedTable,
  type TableUse,
} from '@/lib/query/checks/table-use'
import { resolveNamesInView } from '@/lib/query/checks/view-sql-problem'
import { parseMetadataTable } from '@/lib/query/tables/metadata-table'
import { resolveTableName } from '@/lib/query/tables/table-name'
import type { ViewDefaults } from '@/lib/query/tables/view-references'
import { type Actor, isPermitted } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { findProposal, listOpenProposals, type Proposal, type ProposedOn } from '@/server/db/catalog/proposals'
import { listSchedules, type Schedule } from '@/server/db/jobs/schedules'
import { readQueryTexts } from '@/server/db/query/saved-queries'
import { type IndexedView, readIndexedViews, readTablesWithProperty } from '@/server/db/search/sql-objects'
import { TimeBudget } from '@/server/metrics/lake/time-budget'
import { readNamedTables } from '@/server/query/named-tables'
import type { ViewText, ViewTextsCache } from '@/server/query/view-texts'
import { listVisibleQueries } from '@/server/query/saved-queries'
import type { Services } from '@/server/services'
import { readIndexedSources, toScope } from './indexed-sources'

/** Each is a read of a metadata file. */
const MAX_VIEWS = 300
/** Views of views of the table. */
const MAX_VIEW_DEPTH = 5
/** Views of the table whose names saved queries are searched for. */
const MAX_SEARCHED_VIEWS = 20
const MAX_TABLES_WITH_CHECKS = 100
/** The most that a list of saved queries returns. */
const MAX_QUERIES = 200
const MAX_OPEN_PROPOSALS = 1_000
const MAX_READ_PROPOSALS = 100
const CONCURRENCY = 8

type UseServices = Pick<Services, 'catalogs' | 'config' | 'database' | 'namedTables' | 'viewTexts'>

/** `formerColumns`: names of columns of earlier schemas that are not those of current ones. */
type Target = { table: TableIdentifier; columns: readonly string[]; formerColumns: readonly string[] }
/** A view that reads the table, or another view of it. */
type FoundView = { view: TableIdentifier; use: Use }
/** A use of the table, or of a view that reads it. */
type Use = TableUse & { via: TableIdentifier | null; formerColumns: readonly string[] }
/** `named`: the tables and views that the text names; null: it cannot be resolved. */
type ResolvedText = { sql: string; named: readonly NamedTable[] | null }
/** Read once for the uses of any number of tables, as far as the actor may read it. */
type Known = {
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
/** `isTruncated`: there are more. `incomplete`: catalogs of which not everything could be read. */
type Listed<Item> = { found: readonly Item[]; isTruncated: boolean; incomplete?: readonly string[] }
type Reader = Known & {
  target: Target
  /** The views that are known to read the table. */
  foundViews: FoundView[]
}
type Found = { uses: TableUseOnWire[]; isTruncated: boolean }

/**
 * Reads the uses of a table that Lakeshore knows and the actor may read: views and checks by the search index, saved
 * queries, schedules of the table, and open proposals. What reads a view of the table uses the table, too.
 */
export async function readTableUses(
  services: UseServices,
  { identifier, metadata }: LoadedTable,
  request: { actor: Actor; signal: AbortSignal },
): Promise<TableUses> {
  const { findUses } = await openTableUses(services, request)
  const columns = currentSchema(metadata).fields.map(({ name }) => name)
  const former = new Set(metadata.schemas.flatMap(({ fields }) => fields.map(({ name }) => name)))
  const formerColumns = [...former].filter((name) => !columns.includes(name))
  return findUses({ table: identifier, columns, formerColumns }, metadata.properties)
}

/**
 * For the uses of many tables: everything that does not depend on the table is read once, and each table then costs a
 * search of the saved queries.
 */
export async function openTableUses(
  services: UseServices,
  { actor, signal }: { actor: Actor; signal: AbortSignal },
): Promise<{
  /** @param properties of the table, for its own checks */
  findUses(target: Target, properties: Readonly<Record<string, string>>): Promise<TableUses>
}> {
  const known = await readKnown(services, actor, new TimeBudget(signal))
  return {
    async findUses(target, properties) {
      const reader: Reader = { ...known, target, foundViews: [] }
      const views = findViewUses(reader)
      const own = findCheckUses(reader, target.table, properties)
      const found = [
        { uses: own, isTruncated: false },
        views,
        findChecksOfOthers(reader),
        await readQueryUses(reader),
        findScheduleUses(reader),
        findProposalUses(reader),
      ]
      const uses = found.flatMap((one) => one.uses)
      const missing = [
        ...known.uncovered,
        ...[known.views, known.tablesWithChecks].flatMap(({ incomplete = [] }) => incomplete),
      ]
      return {
        uses: uses.slice(0, MAX_TABLE_USES),
        isTruncated: uses.length > MAX_TABLE_USES || found.some(({ isTruncated }) => isTruncated),
        missingCatalogs: [...new Set(missing)].sort(),
      }
    },
  }
}

async function readKnown(services: UseServices, actor: Actor, budget: TimeBudget): Promise<Known> {
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
  reader: IndexReader & Pick<Known, 'connections'>,
  indexed: readonly IndexedView[],
): Promise<Known['views']> {
  const { viewTexts } = reader.services
  const read = await readEach(reader, indexed.slice(0, MAX_VIEWS), async (catalog, indexedView, signal) => {
    const { metadataLocation: knownLocation, ...view } = indexedView
    const known = knownLocation === null ? undefined : viewTexts.find(knownLocation)
    const { representations, defaults } = known ?? (await readViewText(viewTexts, catalog, view, signal))
    return [{ view, texts: resolveView(reader, view, representations, defaults) }]
  })
  return { ...read, isTruncated: indexed.length > MAX_VIEWS }
}

/** Adds the views to those of the reader: first those that name the table, then those that name one of these, and so on. */
function findViewUses(reader: Reader): Found {
  let unrelated = reader.views.found
  for (let depth = 0; depth < MAX_VIEW_DEPTH; depth += 1) {
    const readers = unrelated.flatMap((one) => {
      const use = findUse(reader, one.texts)
      return use ? [{ ...one, use }] : []
    })
    if (readers.length === 0) break
    reader.foundViews.push(...readers)
    const views = new Set(readers.map(({ view }) => view))
    unrelated = unrelated.filter(({ view }) => !views.has(view))
  }
  return {
    uses: reader.foundViews.map(({ view, use }) => ({
      ...toUse('view', view.table, use),
      entry: toEntry('view', view),
    })),
    isTruncated: reader.views.isTruncated || unrelated.some(({ texts }) => findUse(reader, texts) !== null),
  }
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
function resolveView(
  { connections }: Pick<Known, 'connections'>,
  view: TableIdentifier,
  representations: readonly { dialect: string; sql: string }[],
  defaults: ViewDefaults,
): ResolvedText[] {
  return representations.map((draft) => ({
    sql: draft.sql,
    named: orUnknown(() => resolveNamesInView(draft, view, defaults, connections))?.map(toCertain) ?? null,
  }))
}

/** How the texts of one object use the table, or otherwise views of it: they read what the view reads, at most. */
function findUse(
  { target, foundViews }: Pick<Reader, 'target' | 'foundViews'>,
  texts: readonly ResolvedText[],
): Use | null {
  const own = joinTableUses(texts.map(({ sql, named }) => findTableUse(sql, named, target)))
  if (own) {
    // A text that reads every column by `*` may name some of them, too.
    const former = texts.flatMap(({ sql }) => findNamedColumns(sql, target.formerColumns) ?? [])
    return { ...own, via: null, formerColumns: [...new Set(former)] }
  }
  const through = foundViews.flatMap(({ view, use }) => {
    const found = joinTableUses(texts.map(({ sql, named }) => findTableUse(sql, named, { table: view, columns: [] })))
    return found ? [{ view, use, isCertain: found.certainty === 'reads' && use.certainty === 'reads' }] : []
  })
  const [first] = through
  if (!first) return null
  const columns = through.map(({ use }) => use.columns)
  return {
    certainty: through.some(({ isCertain }) => isCertain) ? 'reads' : 'may-read',
    columns: columns.includes(null) ? null : [...new Set(columns.flatMap((some) => some ?? []))],
    via: (through.find(({ isCertain }) => isCertain) ?? first).view,
    formerColumns: [],
  }
}

async function readTablesWithChecks(
  reader: IndexReader,
  indexed: readonly TableIdentifier[],
): Promise<Known['tablesWithChecks']> {
  const read = await readEach(reader, indexed.slice(0, MAX_TABLES_WITH_CHECKS), async (catalog, table, signal) => [
    { table, properties: (await catalog.loadTable(table, { signal })).metadata.properties },
  ])
  return { ...read, isTruncated: indexed.length > MAX_TABLES_WITH_CHECKS }
}

function findChecksOfOthers(reader: Reader): Found {
  const { found, isTruncated } = reader.tablesWithChecks
  const others = found.filter(({ table }) => !isSameTable(table, reader.target.table))
  return { uses: others.flatMap(({ table, properties }) => findCheckUses(reader, table, properties)), isTruncated }
}

function findCheckUses(
  reader: Reader,
  table: TableIdentifier,
  properties: Readonly<Record<string, string>>,
): TableUseOnWire[] {
  return tableChecks(properties).flatMap(({ name, sql }) => {
    const use = findCheckUse(reader, table, sql)
    return use ? [{ ...toUse('check', name, use), entry: toEntry('table', table) }] : []
  })
}

/** A check of the table itself reads it under another name, so it does even if its SQL cannot be resolved. */
function findCheckUse(reader: Reader, table: TableIdentifier, sql: string): Use | null {
  const { target, connections } = reader
  const names = orUnknown(() => checkStatement(sql, { table, snapshotId: '0', connections }).tables)
  if (names === null && isSameTable(table, target.table))
    return { certainty: 'may-read', columns: null, via: null, formerColumns: [] }
  return findUse(reader, [{ sql, named: names?.map(toCertain) ?? null }])
}

/** The SQL is looked at only if it has the name of the table, or of a view of it. */
async function readQueryUses(reader: Reader): Promise<Found> {
  const { services, actor, target, foundViews } = reader
  if (!reader.hasQueries) return { uses: [], isTruncated: false }
  const names = new Set([target.table, ...foundViews.map(({ view }) => view)].map(({ table }) => table.toLowerCase()))
  const searched = [...names].slice(0, MAX_SEARCHED_VIEWS + 1)
  const lists = await pMap(
    searched,
    (contains) => listVisibleQueries(services, actor, { contains, limit: MAX_QUERIES }),
    { concurrency: CONCURRENCY },
  )
  const queries = [...new Map(lists.flatMap((list) => list.queries).map((query) => [query.queryId, query])).values()]
  const texts = new Map((await readQueryTexts(services.database, queries)).map((one) => [one.queryId, one]))
  const uses = queries.flatMap(({ queryId, name, owner, version }) => {
    const text = texts.get(queryId)
    // Another version may name tables that the actor may not read.
    if (text?.version !== version) return []
    const use = findQueryUse(reader, text.sql)
    return use ? [{ ...toUse('query', name, use), id: queryId, owner }] : []
  })
  return {
    uses,
    isTruncated: names.size > searched.length || lists.some((list) => list.matchCount > list.queries.length),
  }
}

function findQueryUse(reader: Reader, sql: string): Use | null {
  const named = readNamedTables(sql)
  const resolved = named?.flatMap((parts) => {
    const metadataTable = parseMetadataTable(parts)
    return [parts, ...(metadataTable === null ? [] : [metadataTable.table])].flatMap((name) =>
      resolveInEach(name, reader.connections),
    )
  })
  return findUse(reader, [{ sql, named: resolved ?? null }])
}

/** A query does not say for which connection a name without one is. */
function resolveInEach(parts: readonly string[], connections: readonly string[]): NamedTable[] {
  const hasConnection = parts.length > 2 && connections.includes(parts[0] ?? '')
  const isCertain = hasConnection || connections.length === 1
  return (hasConnection ? connections.slice(0, 1) : connections).flatMap((connection) => {
    const identifier = orUnknown(() => resolveTableName(parts, NO_RANGE, { connections, connection }))
    return identifier === null ? [] : [{ identifier, isCertain }]
  })
}

const NO_RANGE = { start: 0, end: 0 }

function findScheduleUses({ schedules, target }: Reader): Found {
  const uses = schedules.flatMap(({ title, table }) =>
    table && isSameTable(table, target.table)
      ? [toUse('schedule', title, { certainty: 'reads' as const, columns: null, via: null, formerColumns: [] })]
      : [],
  )
  return { uses, isTruncated: false }
}

async function readProposals({ services, actor }: IndexReader): Promise<Known['proposals']> {
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

/** Proposed SQL: new versions of views, and checks. */
function findProposalUses(reader: Reader): Found {
  const { found, isTruncated } = reader.proposals
  const uses = found.flatMap(({ on, proposal }) => {
    const use = findProposalUse(reader, on, proposal)
    if (use === null) return []
    const { proposalId: id, title, proposedBy, entryKind } = proposal
    const entry = toEntry(entryKind === 'view' ? 'view' : 'table', on)
    return [{ ...toUse('proposal', title, use), id, owner: proposedBy.username, entry }]
  })
  return { uses, isTruncated }
}

function isOnTable(on: ProposedOn): on is TableIdentifier {
  return 'table' in on
}

function findProposalUse(reader: Reader, on: TableIdentifier, { action }: Proposal): Use | null {
  if (action.kind === 'change-view' && action.edit.kind === 'replace')
    return findUse(reader, resolveView(reader, on, action.edit.representations, action.edit))
  if (action.kind !== 'change-table') return null
  const uses = action.intents.flatMap((intent) => {
    if (intent.kind !== 'set-property' || !intent.key.startsWith(CHECK_PREFIX)) return []
    return findCheckUse(reader, on, intent.value) ?? []
  })
  const joined = joinTableUses(uses)
  if (joined === null) return null
  const formerColumns = [...new Set(uses.flatMap((use) => use.formerColumns))]
  return { ...joined, formerColumns, via: uses.some(({ via }) => via === null) ? null : (uses[0]?.via ?? null) }
}

type IndexReader = { services: UseServices; actor: Actor; budget: TimeBudget }

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

function toCertain(identifier: TableIdentifier): NamedTable {
  return { identifier, isCertain: true }
}

function toUse(
  kind: TableUseOnWire['kind'],
  name: string,
  { certainty, columns, formerColumns, via }: Use,
): TableUseOnWire {
  return {
    kind,
    name,
    entry: null,
    id: null,
    owner: null,
    certainty,
    columns: columns && [...columns],
    formerColumns: [...formerColumns],
    via: via && toEntry('view', via),
  }
}

function toEntry(kind: 'table' | 'view', { catalog, namespace, table: name }: TableIdentifier) {
  return { kind, catalog, namespace: [...namespace], name }
}

/** Null for names that nothing can have. */
function orUnknown<Result>(resolve: () => Result): Result | null {
  try {
    return resolve()
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}
