import pMap from 'p-map'
import { AppError } from '@/lib/errors'
import type { HistoryTableName } from '@/lib/facts/history-table-names'
import { isSameTable, type TableIdentifier } from '@/lib/names/identifiers'
import type { MetadataTableName } from '@/lib/iceberg/metadata/metadata-table-names'
import { indexFields } from '@/lib/iceberg/schema/schema'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { toQueryError } from '@/lib/query/duckdb/duckdb-error'
import { PUSHDOWN_DISABLED_OPTIMIZERS, pushedPredicates } from '@/lib/query/duckdb/pushed-filters'
import { DISABLED_OPTIMIZERS, type NeededColumns, neededColumns } from '@/lib/query/duckdb/explain-plan'
import { predicateToSql } from '@/lib/query/predicate-sql'
import { bindPredicate } from '@/lib/scan/predicate/bind-predicate'
import type { PlannedTable } from '@/lib/query/duckdb/plan-tree'
import { findExactNameEdits } from '@/lib/query/duckdb/exact-names'
import { bindParameters } from '@/lib/query/duckdb/parameter-binding'
import { firstRowsNeeded, orderedRowsNeeded } from '@/lib/query/duckdb/first-rows-needed'
import { fixClock } from '@/lib/query/duckdb/fixed-clock'
import { hasOneSelect, type OrderedRows, orderedRows } from '@/lib/query/duckdb/ordered-rows'
import { canHideColumns } from '@/lib/query/tables/hidden-columns'
import { MAX_ROWS, type QueryRequest, type TableRead, type TimeInUtc } from '@/lib/query/engine'
import { checkParameters } from '@/lib/query/parameters'
import { checkReadOnly, parseExplain } from '@/lib/query/statement/read-only'
import { parseShow } from '@/lib/query/statement/show-statement'
import { findZoneEdits } from '@/lib/query/duckdb/zones/zone-rewrite'
import { type Edit, type RewrittenSql, rewriteTables } from '@/lib/query/tables/rewrite-tables'
import {
  noStatementError,
  requireClosed,
  type Statement,
  splitStatements,
  statementAt,
} from '@/lib/query/statement/statements'
import { tokenKeyword, tokenName } from '@/lib/query/statement/tokenize'
import { resolveTableName } from '@/lib/query/tables/table-name'
import { type TableReference, findTableReferences } from '@/lib/query/tables/table-references'
import type { Predicate } from '@/lib/scan/predicate/predicate'
import { isVolatile } from '@/lib/query/statement/volatile'
import { METADATA_FIELDS } from '@/lib/scan/read/metadata-columns'
import { endEngineIfBroken, isEngineBroken } from './broken-engine'
import type { Engine } from '@/lib/query/duckdb/engine'
import type { RequestedFile } from '@/lib/query/load/file-scan'
import { filterNeed } from '@/lib/query/load/filtered-need'
import { type FirstRows, selectLiveRows } from '@/lib/query/load/live-need'
import type { LiveRows } from '@/lib/query/load/metadata-rows'
import { describeEdits } from './describe-edits'
import type { LakeNames } from './lake-names'
import type { PlanCache } from './plan-cache'
import type { LocalView } from './local-view'
import { toNamedTable } from './named-table'
import { resolveRelations } from './resolve-relations'
import { showNamesSql } from './show-names'
import type { TableCache, TableNeed } from '@/lib/query/load/table-cache'
import type { ScanOptions, TableScan } from '@/lib/query/load/table-scan'
import type { ViewCache } from './view-cache'
import { findTimesInUtc } from './times-in-utc'
import { selectSchema, tryWithMacros, usesZones } from './zones'

/** One statement, with the data to load before it runs. */
export type PreparedQuery = {
  statement: Statement
  index: number
  statementCount: number
  rewritten: RewrittenSql
  needs: readonly TableNeed[]
  views: readonly LocalView[]
  tablesRead: readonly TableRead[]
  historyTables: readonly HistoryTableName[]
  readsFiles: boolean
  /** As in a result. */
  absentColumns: readonly string[]
  isText: boolean
  /** The tables of an EXPLAIN whose plan is drawn as a tree; null for any other statement. */
  plannedTables: readonly PlannedTable[] | null
  /** It adds to times with a zone or subtracts them, with macros for these operators. */
  hasZoneOperators: boolean
  timesInUtc: readonly TimeInUtc[]
}

/** The inputs of preparing a statement: DuckDB, which starts when the statement is readable, and tables and views. */
export type QuerySources = {
  minFilteredBytes: number
  /** Only the columns of results are requested, so no rows are loaded. */
  readsNoRows: boolean
  /** All rows of results are saved, however many the request would show. */
  savesRows: boolean
  ensureStarted: () => Promise<{ engine: Engine; tables: TableCache }>
  planCache: PlanCache
  scanFile: (file: RequestedFile, options: ScanOptions) => Promise<TableScan>
  viewCache: ViewCache
  lakeNames: LakeNames
}

/** Reads the statement at the cursor and the state of its tables, and which of their columns it needs. */
export async function prepareQuery(
  request: QueryRequest,
  options: ScanOptions,
  { ensureStarted, planCache, scanFile, viewCache, lakeNames, minFilteredBytes, readsNoRows, savesRows }: QuerySources,
): Promise<PreparedQuery> {
  const statements = splitStatements(request.sql)
  const statement = statementAt(statements, request.cursor)
  if (!statement) throw noStatementError(request.sql)
  requireClosed(request.sql, statement)
  const position = { statement, index: statements.indexOf(statement), statementCount: statements.length }
  const show = parseShow(statement.tokens)
  if (show !== null) {
    // An estimate lists nothing.
    const sql = await showNamesSql(show, request, lakeNames, options.isFresh ? options : null)
    return { ...position, ...NO_TABLES, rewritten: { sql, toSource: () => statement.start, toSourceText: keep } }
  }
  checkReadOnly(statement.tokens)
  checkParameters(statement.tokens)
  const bound = bindParameters(statement.tokens, request.parameters ?? [])
  const clock = { nowMs: Date.now() }
  const references = findTableReferences(statement.tokens, clock).map((reference) => ({
    ...reference,
    asOf:
      reference.file !== undefined || Object.keys(reference.asOf).length > 0 ? reference.asOf : (request.asOf ?? {}),
    identifier: identifierOf(reference, request),
  }))
  const { engine, tables } = await ensureStarted()
  const relations = await resolveRelations(references, {
    engine,
    tables,
    getTableScan: (identifier, asOf, metadataTable) =>
      planCache.read(identifier, asOf, { ...options, ...schemaOf(request, identifier, metadataTable) }, metadataTable),
    getFileScan: (file) => scanFile(file, options),
    getHistoryScan: (name) => planCache.readHistory(name, options),
    viewCache,
    knownViews: request.knownViews ?? [],
    lakeNames,
    options,
    connections: request.connections,
    metadataColumns: findMetadataColumns(statement),
  }).catch((error: unknown) => {
    // DuckDB checks the SQL of views.
    if (!(error instanceof AppError) && isEngineBroken(error)) engine.end()
    throw error
  })
  const { localNames, scans: byName, labels, views, tablesRead, historyTables, readsFiles } = relations
  const explain = parseExplain(statement.tokens)
  const treeEdit = explain === null ? null : explainAsTree(statement, explain)
  const hiddenColumns = localNames.map((name) => byName.get(name)?.hiddenColumns ?? [])
  // Rows of these are selected by the server, often by their age.
  const fixedClock = historyTables.length > 0 ? fixClock(statement.tokens, clock.nowMs) : null
  const isZoned = !engine.hasTimeZones && (bound.hasZone || usesZones(statement.tokens, byName.values()))
  const zoneEdits = isZoned
    ? findZoneEdits(statement.tokens, [...references.map(({ fullRange }) => fullRange), ...(fixedClock?.edits ?? [])])
    : []
  const exactNameEdits = findExactNameEdits(
    statement.tokens,
    references.map((reference, i) => toNamedTable(reference, byName.get(localNames[i] ?? ''))),
  )
  const described = references.map((reference, i) => ({ reference, scan: byName.get(localNames[i] ?? '') }))
  // A call that begins at a parameter or a name encloses what replaces it.
  const edits = [
    ...zoneEdits,
    ...(fixedClock?.edits ?? []),
    ...bound.edits,
    ...exactNameEdits,
    ...describeEdits(statement.tokens, described),
  ]
  const tablesRewritten = rewriteTables(request.sql, statement, references, localNames, {
    hiddenColumns,
    otherEdits: treeEdit === null ? edits : [treeEdit, ...edits],
  })
  const rewritten = {
    ...tablesRewritten,
    toSourceText: (text: string) => bound.toSourceText(tablesRewritten.toSourceText(text)),
  }
  for (const { sql, values } of bound.bindings) await engine.runPrepared(sql, values)
  const { tokens } = statement
  const plan = (hasOperators: boolean) =>
    planNeeds(engine, statement, explain?.tokens ?? statement.tokens, {
      request,
      references,
      localNames,
      hiddenColumns,
      byName,
      edits,
      hasZoneOperators: hasOperators,
      // The clock, for one, goes on between the plan and the run.
      hasConstants: ![fixedClock?.others ?? tokens, ...views.map((view) => view.statement.tokens)].some(isVolatile),
      hasOneTable:
        references.length === 1 && views.length === 0 && explain === null && hasOneSelect(statement, references),
    })
  const known = { tokens, isZoned, hasOperators: views.some((view) => view.hasZoneOperators) }
  const planned = await tryWithMacros(engine, rewritten.sql, known, plan)
  const { needed, predicates, ordered } = planned.result
  const hasZoneOperators = planned.hasOperators
  const isPlanOnly = readsNoRows || explain?.executes === false
  const maxRowsRead = savesRows ? Number.POSITIVE_INFINITY : request.maxRows + 1
  const firstRows =
    needed.isFirstRowsOnly && byName.size === 1 && !explain && views.every(isPlainView)
      ? firstRowsNeeded(statement.tokens, maxRowsRead)
      : null
  const orderedCount = ordered === null ? null : orderedRowsNeeded(tokens, maxRowsRead)
  const needs = await pMap([...byName], async ([name, scan]): Promise<TableNeed> => {
    const names = new Set(needed.byTable.get(name))
    const named = scan.fields.filter((field) => names.has(field.name))
    // Rows of such files are only counted when they are read.
    const columns = scan.hasFilteredFiles && named.length === 0 ? scan.fields.slice(0, 1) : named
    const rowsNeeded = scan.hasFilteredFiles ? scan.rowCount : (firstRows ?? scan.rowCount)
    const need = { scan, columns, rowsNeeded: rowsNeeded < scan.rowCount ? rowsNeeded : null }
    if (scan.metadataRows?.live) {
      const selected = await selectLiveRows(
        need,
        toSelection(scan.metadataRows.live, { predicate: predicates.get(name), ordered, orderedCount }),
        tables,
        options,
      )
      return isPlanOnly ? { ...selected, columns: [] } : selected
    }
    const filtered = await filterNeed(need, predicates.get(name), tables, { ...options, minBytes: minFilteredBytes })
    return isPlanOnly ? { ...filtered, columns: [] } : filtered
  })
  return {
    ...position,
    rewritten,
    needs,
    views,
    tablesRead,
    historyTables,
    readsFiles,
    absentColumns: needs.flatMap(listAbsentColumns),
    isText: explain !== null,
    plannedTables:
      treeEdit === null
        ? null
        : [...byName.keys()].flatMap((localName, i) => {
            const scan = needs[i]?.scan
            const label = labels.get(localName) ?? localName
            return scan ? [toPlannedTable(localName, { label, scan, predicate: predicates.get(localName) })] : []
          }),
    hasZoneOperators,
    timesInUtc: findTimesInUtc(statement.tokens, predicates, byName),
  }
}

/** A statement that DuckDB answers without any table. */
const NO_TABLES = {
  needs: [],
  views: [],
  tablesRead: [],
  historyTables: [],
  readsFiles: false,
  absentColumns: [],
  timesInUtc: [],
  isText: false,
  plannedTables: null,
  hasZoneOperators: false,
} as const

const keep = (text: string) => text

/** Asks for a plan that can be drawn, unless the statement asks for a format of its own. */
function explainAsTree(
  { tokens, start }: Statement,
  { executes, tokens: explained }: NonNullable<ReturnType<typeof parseExplain>>,
): Edit | null {
  const first = explained[0]
  const isPlain = first !== undefined && tokens.indexOf(first) === (tokenKeyword(tokens[1]) === 'ANALYZE' ? 2 : 1)
  if (!isPlain) return null
  return { start, end: first.start, text: `EXPLAIN (${executes ? 'ANALYZE, ' : ''}FORMAT json) ` }
}

/** @param table.scan narrowed to the files that the predicate leaves, if the statement reads it so */
function toPlannedTable(
  localName: string,
  { label, scan, predicate }: { label: string; scan: TableScan; predicate: Predicate | undefined },
): PlannedTable {
  const { fields, fileCount, fileBytes, rowCount } = scan
  const columns = fields.map(({ name }) => name)
  return {
    localName,
    label,
    columns,
    columnCount: columns.length,
    fileCount,
    tableFileCount: scan.filter?.tableFileCount ?? fileCount,
    // The bytes of the files that are left are not known.
    fileBytes: scan.filter && scan.filter.tableFileCount !== fileCount ? null : fileBytes,
    rowCount,
    filter: predicate === undefined ? null : predicateToSql(bindPredicate(predicate, { fields })),
  }
}

/** The table that a reference names or, for a file, the one whose file it is. */
function identifierOf({ parts, nameRange, file }: TableReference, request: QueryRequest): TableIdentifier {
  if (file === undefined) return resolveTableName(parts, nameRange, request)
  const { source } = file
  if (source.kind === 'table') return resolveTableName(source.table, nameRange, request)
  return { catalog: '', namespace: [], table: source.name }
}

/** The schema to read a table with, if the request names one for it. */
function schemaOf(
  { readWith }: QueryRequest,
  identifier: TableIdentifier,
  metadataTable: MetadataTableName | null = null,
): Pick<ScanOptions, 'schema'> {
  if (readWith === undefined || metadataTable !== null || !isSameTable(readWith.identifier, identifier)) return {}
  return { schema: readWith.schema }
}

/** The needed columns that the snapshot does not have, without what is inside of such a column. */
function listAbsentColumns({ scan: { snapshotFieldIds }, columns }: TableNeed): string[] {
  if (snapshotFieldIds === undefined) return []
  const isAbsent = (fieldId: number) => !snapshotFieldIds.has(fieldId)
  const ofTable = columns.filter(({ id }) => !METADATA_FIELDS.some((field) => field.id === id))
  return [...indexFields({ fields: ofTable }).values()].flatMap(({ field, path, parentId }) =>
    isAbsent(field.id) && (parentId === null || !isAbsent(parentId)) ? [path.join('.')] : [],
  )
}

/** The metadata columns whose names are in a statement. */
function findMetadataColumns({ tokens }: Statement): readonly NestedField[] {
  if (!canHideColumns(tokens)) return []
  const names = new Set(tokens.map((token) => tokenName(token)?.toLowerCase()))
  return METADATA_FIELDS.filter(({ name }) => names.has(name))
}

/** The columns and rows that a statement needs, by DuckDB's plans of it over the empty tables. */
async function planNeeds(
  engine: Engine,
  statement: Statement,
  tokens: Statement['tokens'],
  {
    request,
    references,
    localNames,
    hiddenColumns,
    byName,
    edits,
    hasZoneOperators,
    hasConstants,
    hasOneTable,
  }: {
    request: QueryRequest
    references: readonly TableReference[]
    localNames: readonly string[]
    hiddenColumns: readonly (readonly string[])[]
    byName: ReadonlyMap<string, TableScan>
    edits: readonly Edit[]
    hasZoneOperators: boolean
    hasConstants: boolean
    hasOneTable: boolean
  },
): Promise<{ needed: NeededColumns; predicates: ReadonlyMap<string, Predicate>; ordered: OrderedRows | null }> {
  const start = tokens[0]?.start ?? statement.start
  const range = { start, end: statement.end, tokens }
  const options = { hiddenColumns, otherEdits: edits }
  const { sql, toSource } = rewriteTables(request.sql, range, references, localNames, options)
  const prefix = 'EXPLAIN (FORMAT json) '
  await selectSchema(engine, 'shadow', hasZoneOperators)
  const explain = async (disabledOptimizers: string) => {
    await engine.query(`SET disabled_optimizers = '${disabledOptimizers}'`)
    const plan = await engine.query(prefix + sql)
    return String(plan.get(0)?.explain_value)
  }
  try {
    const columns = [...byName].map(([name, scan]) => [name, scan.fields.map((field) => field.name)] as const)
    const needed = neededColumns(await explain(DISABLED_OPTIMIZERS), new Map(columns))
    const fields = [...byName].map(([name, scan]) => [name, scan.fields] as const)
    if (!hasConstants) return { needed, predicates: new Map(), ordered: null }
    const pushed = await explain(PUSHDOWN_DISABLED_OPTIMIZERS)
    return {
      needed,
      predicates: pushedPredicates(pushed, new Map(fields)),
      ordered: hasOneTable ? orderedRows(pushed, new Map(fields)) : null,
    }
  } catch (error) {
    throw endEngineIfBroken(
      engine,
      toQueryError(error, (byte) => toSource(byte - prefix.length), statement.tokens),
      error,
    )
  } finally {
    if (engine.isRunning) await engine.query("SET disabled_optimizers = ''")
  }
}

/** The rows to request of a table whose rows the server selects. */
function toSelection(
  { timeColumn }: LiveRows,
  {
    predicate,
    ordered,
    orderedCount,
  }: { predicate: Predicate | undefined; ordered: OrderedRows | null; orderedCount: number | null },
): { predicate: Predicate | undefined; firstRows: FirstRows | null } {
  const isOrdered = ordered !== null && (ordered.order === null || ordered.order.column === timeColumn)
  if (!isOrdered || orderedCount === null || !Number.isFinite(orderedCount)) return { predicate, firstRows: null }
  const order = ordered.order === null ? 'any' : ordered.order.isDescending ? 'newest-first' : 'oldest-first'
  return {
    predicate: ordered.predicate.kind === 'true' ? undefined : ordered.predicate,
    firstRows: { count: orderedCount, order },
  }
}

/** Whether the first rows of a view are the first rows of its table: it does not select or cut rows. */
function isPlainView({ statement }: LocalView): boolean {
  const { tokens } = statement
  const cutsRows = tokens.some((token) => ['LIMIT', 'OFFSET'].includes(tokenKeyword(token) ?? ''))
  return !cutsRows && firstRowsNeeded(tokens, MAX_ROWS) !== null
}
