import 'server-only'
import pMap from 'p-map'
import { type TableUse as TableUseOnWire, MAX_TABLE_USES, type TableUses } from '@/lib/contract/table/uses'
import { CHECK_PREFIX, tableChecks } from '@/lib/iceberg/properties/table-checks'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import { asTableIdentifier, isSameTable, type TableIdentifier } from '@/lib/names/identifiers'
import { checkStatement } from '@/lib/query/checks/check-statement'
import {
  findFormerColumns,
  findTableUse,
  joinTableUses,
  type NamedTable,
  type TableUse,
} from '@/lib/query/checks/table-use'
import { parseMetadataTable } from '@/lib/query/tables/metadata-table'
import { resolveTableName } from '@/lib/query/tables/table-name'
import type { Actor } from '@/server/auth/actor'
import type { LoadedTable, LoadedView } from '@/server/catalog/port/loaded-table'
import type { Proposal } from '@/server/db/catalog/proposals'
import type { Schedule } from '@/server/db/jobs/schedules'
import { readQueryTexts } from '@/server/db/query/saved-queries'
import { parseScheduledResult } from '@/server/ingest/saved-results/scheduled-result'
import { SAVE_RESULT } from '@/server/jobs/private-runs'
import { canReadSchedule } from '@/server/jobs/schedule-view'
import { TimeBudget } from '@/server/metrics/lake/time-budget'
import { readNamedTables } from '@/server/query/named-tables'
import { listVisibleQueries } from '@/server/query/saved-queries'
import {
  type KnownTexts,
  orUnknown,
  readKnownTexts,
  resolveView,
  type ResolvedText,
  toCertain,
  type UseServices,
} from './known-texts'

/** Views of views of the table. */
const MAX_VIEW_DEPTH = 5
/** Views of the table whose names saved queries are searched for. */
const MAX_SEARCHED_VIEWS = 20
/** The most that a list of saved queries returns. */
const MAX_QUERIES = 200
const CONCURRENCY = 8

/** `formerColumns`: names of columns of earlier schemas that are not those of current ones. */
type Target = { table: TableIdentifier; columns: readonly string[]; formerColumns: readonly string[] }
/** A view that reads the table, or another view of it. */
type FoundView = { view: TableIdentifier; use: Use }
/** A use of the table, or of a view that reads it. */
type Use = TableUse & { via: TableIdentifier | null; formerColumns: readonly string[] }
type Reader = KnownTexts & {
  target: Target
  /** The views that are known to read the table. */
  foundViews: FoundView[]
}
type Found = { uses: TableUseOnWire[]; isTruncated: boolean }

/**
 * Reads the uses of a table that Lakeshore knows and the actor may read: views and checks by the search index, saved
 * queries, schedules that write or read the table, and open proposals. What reads a view of the table uses the table, too.
 */
export async function readTableUses(
  services: UseServices,
  { identifier, metadata }: LoadedTable,
  request: { actor: Actor; signal: AbortSignal },
): Promise<TableUses> {
  const { findUses } = await openTableUses(services, request)
  return findUses(toTarget(identifier, metadata.schemas, currentSchema(metadata)), metadata.properties)
}

/** As {@link readTableUses}, of a view: what reads it, also through other views. */
export async function readViewUses(
  services: UseServices,
  { identifier, metadata }: LoadedView,
  request: { actor: Actor; signal: AbortSignal },
): Promise<TableUses> {
  const { schemas, versions, currentVersionId } = metadata
  const current = versions.find(({ versionId }) => versionId === currentVersionId)
  const schema = schemas.find(({ schemaId }) => schemaId === current?.schemaId)
  const { findUses } = await openTableUses(services, request)
  // Its own properties are not searched for checks, because only tables have them.
  return findUses(toTarget(asTableIdentifier(identifier), schemas, schema ?? { fields: [] }), {})
}

type Columns = { fields: readonly { name: string }[] }

function toTarget(table: TableIdentifier, schemas: readonly Columns[], current: Columns): Target {
  const columns = current.fields.map(({ name }) => name)
  const former = new Set(schemas.flatMap(({ fields }) => fields.map(({ name }) => name)))
  return { table, columns, formerColumns: [...former].filter((name) => !columns.includes(name)) }
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
  const known = await readKnownTexts(services, actor, new TimeBudget(signal))
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

/** Adds the views to those of the reader: first those that name the table, then those that name one of these, and so on. */
function findViewUses(reader: Reader): Found {
  // A view that names itself is not its own reader.
  let unrelated = reader.views.found.filter(({ view }) => !isSameTable(view, reader.target.table))
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

/** How the texts of one object use the table, or otherwise views of it: they read what the view reads, at most. */
function findUse(
  { target, foundViews }: Pick<Reader, 'target' | 'foundViews'>,
  texts: readonly ResolvedText[],
): Use | null {
  const own = joinTableUses(texts.map(({ sql, named }) => findTableUse(sql, named, target)))
  if (own) {
    // A text that reads every column by `*` may name some of them, too.
    const former = texts.flatMap(({ sql }) => findFormerColumns(sql, target.formerColumns) ?? [])
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
  const { services, actor } = reader
  if (!reader.hasQueries) return { uses: [], isTruncated: false }
  const names = namesOf(reader)
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
    const use = findQueryUse(reader, text.sql, text.connection)
    return use ? [{ ...toUse('query', name, use), id: queryId, owner }] : []
  })
  return {
    uses,
    isTruncated: names.size > searched.length || lists.some((list) => list.matchCount > list.queries.length),
  }
}

/** The names that a text may have, in lower case: those of the table, and of the views that are known to read it. */
function namesOf({ target, foundViews }: Reader): Set<string> {
  return new Set([target.table, ...foundViews.map(({ view }) => view)].map(({ table }) => table.toLowerCase()))
}

/** @param connection for names without one; null: it is not known */
function findQueryUse(reader: Reader, sql: string, connection: string | null): Use | null {
  const named = readNamedTables(sql)
  const resolved = named?.flatMap((parts) => {
    const metadataTable = parseMetadataTable(parts)
    return [parts, ...(metadataTable === null ? [] : [metadataTable.table])].flatMap((name) =>
      resolveInEach(name, reader.connections, connection === null ? reader.connections : [connection]),
    )
  })
  return findUse(reader, [{ sql, named: resolved ?? null }])
}

/** @param candidates connections that a name without one may belong to */
function resolveInEach(
  parts: readonly string[],
  connections: readonly string[],
  candidates: readonly string[],
): NamedTable[] {
  const hasConnection = parts.length > 2 && connections.includes(parts[0] ?? '')
  const isCertain = hasConnection || candidates.length === 1
  return (hasConnection ? connections.slice(0, 1) : candidates).flatMap((connection) => {
    const identifier = orUnknown(() => resolveTableName(parts, NO_RANGE, { connections, connection }))
    return identifier === null ? [] : [{ identifier, isCertain }]
  })
}

const NO_RANGE = { start: 0, end: 0 }

function findScheduleUses(reader: Reader): Found {
  const { actor, schedules, target } = reader
  const names = [...namesOf(reader)]
  const uses = schedules.flatMap((schedule) => {
    const { title, table, ownerId } = schedule
    if (table === null || !canReadSchedule(actor, schedule)) return []
    const owner = ownerId === null ? null : schedule.actor.username
    if (isSameTable(table, target.table)) return [{ ...toUse('schedule', title, EVERY_COLUMN), owner }]
    const use = findStatementUse(reader, schedule, names)
    return use ? [{ ...toUse('schedule', title, use), entry: toEntry('table', table), owner }] : []
  })
  return { uses, isTruncated: false }
}

const EVERY_COLUMN: Use = { certainty: 'reads', columns: null, via: null, formerColumns: [] }

/** The table may also only be watched, so that a change of it starts the next run. */
function findStatementUse(reader: Reader, schedule: Schedule, names: readonly string[]): Use | null {
  const { kind, spec, watchedTables } = schedule
  if (kind === SAVE_RESULT) {
    const { sql, connection } = parseScheduledResult(spec).query
    const text = sql.toLowerCase()
    const use = names.some((name) => text.includes(name)) ? findQueryUse(reader, sql, connection) : null
    if (use) return use
  }
  const isWatched = watchedTables.some((table) => isSameTable(table, reader.target.table))
  return isWatched ? { ...EVERY_COLUMN, columns: [] } : null
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
