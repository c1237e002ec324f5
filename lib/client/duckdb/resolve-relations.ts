import { AppError } from '@/lib/errors'
import type { AsOf } from '@/lib/iceberg/as-of'
import { isSameTable, joinNamespace, type TableIdentifier } from '@/lib/iceberg/identifiers'
import { METADATA_TABLE_NAMES, type MetadataTableName } from '@/lib/iceberg/metadata/metadata-table-names'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { duckdbMessage } from '@/lib/query/duckdb/duckdb-error'
import { findExactNameEdits, type NamedTable } from '@/lib/query/duckdb/exact-names'
import type { TableRead, ViewRead } from '@/lib/query/engine'
import { parseMetadataTable } from '@/lib/query/metadata-table'
import type { FileReference } from '@/lib/query/file-reference'
import { quoteIdentifier } from '@/lib/query/quote-identifier'
import { checkReadOnly } from '@/lib/query/read-only'
import { type Edit, rewriteTables } from '@/lib/query/rewrite-tables'
import { type SqlRange, sqlError } from '@/lib/query/sql-error'
import { type Statement, splitStatements } from '@/lib/query/statements'
import { sqlName } from '@/lib/query/table-name'
import { findTableReferences, type TableReference } from '@/lib/query/table-references'
import { type DuckdbSql, toDuckdbSqls } from '@/lib/query/duckdb/view-sql'
import { withoutMacros } from '@/lib/query/duckdb/zones/macro-call'
import { findZoneEdits } from '@/lib/query/duckdb/zones/zone-rewrite'
import type { Engine } from './engine'
import type { RequestedFile } from './file-scan'
import type { ViewDefinition } from './read-view'
import type { TableCache } from './table-cache'
import type { ScanOptions, TableScan } from './table-scan'
import type { ViewCache } from './view-cache'
import { hasUntypedOperands, installMacros, needsOperators, selectSchema, usesZones } from './zones'

/** Views may name views: this deep, no further. */
const MAX_VIEW_DEPTH = 8
/** All tables and views that one statement may read, those beneath its views included. */
const MAX_RELATIONS = 100
/** A view is expanded again for each dialect of the view around it, until DuckDB accepts one. */
const MAX_EXPANSIONS = 4 * MAX_RELATIONS

/** What the names of a statement refer to. */
export type Relations = {
  /** The name in DuckDB of each reference, in their order. */
  localNames: readonly string[]
  /** The tables by their local names, those beneath views included. */
  scans: ReadonlyMap<string, TableScan>
  /** How people call the tables, by their local names. */
  labels: ReadonlyMap<string, string>
  /** Innermost first, so that each can be created in DuckDB after what it names. */
  views: readonly LocalView[]
  tablesRead: readonly TableRead[]
}

/** A view in DuckDB. Its SQL names tables and views by their local names. */
export type LocalView = ViewRead & { localName: string; sql: string; statement: Statement; hasZoneOperators: boolean }

export type RelationDeps = {
  engine: Engine
  tables: TableCache
  getTableScan: (
    identifier: TableIdentifier,
    asOf: AsOf,
    metadataTable?: MetadataTableName | null,
  ) => Promise<TableScan>
  getFileScan: (file: RequestedFile) => Promise<TableScan>
  viewCache: ViewCache
  options: ScanOptions
  connections: readonly string[]
  /** The metadata columns that the statement names. */
  metadataColumns: readonly NestedField[]
}

/** A name in SQL and the table or view that it names. */
type NamedReference = TableReference & { identifier: TableIdentifier }

/**
 * Resolves the names of a statement to tables and views, and registers them in DuckDB. A view becomes a view of DuckDB
 * over what its own SQL names, so it works wherever a table does.
 *
 * @throws {AppError} at the reference: not-found; not-supported for a view that cannot run here, and views that name each
 *   other in a circle or too deeply; query-failed for a view with a version or a time
 */
export async function resolveRelations(references: readonly NamedReference[], deps: RelationDeps): Promise<Relations> {
  const scans = new Map<string, TableScan>()
  const labels = new Map<string, string>()
  const views = new Map<string, LocalView>()
  const tablesRead: TableRead[] = []
  const plannedScans = new Map<string, TableScan>()
  let expandedCount = 0

  async function resolve(reference: NamedReference, path: readonly TableIdentifier[]): Promise<string> {
    const { identifier, file } = reference
    if (file !== undefined) return await addFile(reference, file)
    const metadataTable = toMetadataTable(reference)
    if (metadataTable?.hasDollar) {
      const { scan } = await findMetadataScan(reference, metadataTable)
      if (scan) return await addMetadataTable(reference, metadataTable, scan, path)
    }
    // A table first, unless an earlier statement found a view of this name.
    const found = deps.viewCache.has(identifier) ? null : await findScan(reference, metadataTable !== null)
    if (found?.scan) return await addTable(reference, found.scan, path)
    const view = await resolveView(reference, path).catch((error: unknown) => {
      if (metadataTable !== null && isForbidden(error)) return null
      throw error
    })
    if (view !== null) return view.localName
    const { scan, missing } = found ?? (await findScan(reference, metadataTable !== null))
    if (scan) return await addTable(reference, scan, path)
    if (metadataTable === null) throw missingMetadataTableError(missing, reference)
    const described = await findMetadataScan(reference, metadataTable)
    if (described.scan) return await addMetadataTable(reference, metadataTable, described.scan, path)
    throw described.missing
  }

  function requireRoom(): void {
    expandedCount += 1
    if (scans.size + views.size < MAX_RELATIONS && expandedCount <= MAX_EXPANSIONS) return
    throw new AppError('too-large', `A query can read at most ${MAX_RELATIONS} tables and views.`)
  }

  /**
   * The table, or why there is none of this name, which may be that of a view.
   *
   * @param mayBeOther the name may mean something else, so that a table that the user may not read is like none
   */
  async function findScan({ identifier, asOf }: NamedReference, mayBeOther = false) {
    return await planOnce(
      [identifier, asOf, null],
      (error) => isNoSuchTable(error) || (mayBeOther && isForbidden(error)),
    )
  }

  /** The metadata table, or why there is none: its table does not exist, or is a view. */
  async function findMetadataScan({ asOf }: NamedReference, { identifier, name }: MetadataTableRead) {
    const found = await planOnce([identifier, asOf, name], isNoSuchTable)
    if (found.scan || found.missing.facts['foundAs'] !== 'view') return found
    const message = `${label(identifier)} is a view, and views have no metadata tables such as ${name}.`
    return { scan: null, missing: withFacts(found.missing, message, found.missing.facts) }
  }

  /** Each version is planned once, so that a statement cannot read two snapshots as the table of now. */
  async function planOnce(
    [identifier, asOf, metadataTable]: [TableIdentifier, AsOf, MetadataTableName | null],
    isMissing: (error: unknown) => error is AppError,
  ): Promise<{ scan: TableScan; missing: null } | { scan: null; missing: AppError }> {
    const key = JSON.stringify([viewKey(identifier), asOf, metadataTable])
    const known = plannedScans.get(key)
    if (known) return { scan: known, missing: null }
    try {
      const scan = await deps.getTableScan(identifier, asOf, metadataTable)
      plannedScans.set(key, scan)
      return { scan, missing: null }
    } catch (error) {
      if (!isMissing(error)) throw error
      return { scan: null, missing: error }
    }
  }

  async function addTable(reference: NamedReference, planned: TableScan, path: readonly TableIdentifier[]) {
    const scan = path.length === 0 && !reference.isBare ? addMetadataColumns(planned, deps.metadataColumns) : planned
    const localName = await registerScan(scan, label(reference.identifier))
    addTableRead(tablesRead, reference, scan, path)
    return localName
  }

  async function addMetadataTable(
    reference: NamedReference,
    { identifier, name }: MetadataTableRead,
    scan: TableScan,
    path: readonly TableIdentifier[],
  ) {
    const localName = await registerScan(scan, `${label(identifier)}$${name}`)
    addTableRead(tablesRead, { ...reference, identifier, metadataTable: name }, scan, path)
    return localName
  }

  async function addFile({ identifier, asOf }: NamedReference, { source }: FileReference): Promise<string> {
    const file = source.kind === 'dropped' ? source : ({ kind: 'table', path: source.path, identifier, asOf } as const)
    return registerScan(await deps.getFileScan(file), file.kind === 'dropped' ? file.name : file.path)
  }

  async function registerScan(scan: TableScan, name: string): Promise<string> {
    const localName = await deps.tables.registerTable(scan)
    if (!scans.has(localName)) requireRoom()
    scans.set(localName, scan)
    labels.set(localName, name)
    return localName
  }

  async function resolveView(reference: NamedReference, path: readonly TableIdentifier[]): Promise<LocalView | null> {
    const { identifier, asOf, fullRange } = reference
    if (path.some((outer) => isSameTable(outer, identifier)))
      throw new AppError('not-supported', `The view reads itself: ${[...path, identifier].map(label).join(' → ')}.`, {
        facts: { hint: 'Ask the owner of the view to correct its SQL.' },
      })
    const known = views.get(viewKey(identifier))
    const definition = known ? null : await deps.viewCache.read(identifier, deps.options)
    if (!known && definition === null) return null
    if (Object.keys(asOf).length > 0)
      throw sqlError(
        `${label(identifier)} is a view, and views have no snapshots.`,
        fullRange,
        'Name a version or a time for the tables that it reads.',
      )
    if (known) return known
    if (definition === null) return null
    if (path.length >= MAX_VIEW_DEPTH)
      throw new AppError('not-supported', `${label(identifier)} is more than ${MAX_VIEW_DEPTH} views deep.`, {
        facts: { hint: 'Query a view further down, or its tables.' },
      })
    requireRoom()
    const view = await expandView(identifier, definition, [...path, identifier])
    views.set(viewKey(identifier), view)
    return view
  }

  /** The view in the first dialect that DuckDB accepts. */
  async function expandView(
    identifier: TableIdentifier,
    definition: ViewDefinition,
    path: readonly TableIdentifier[],
  ): Promise<LocalView> {
    const refusals: string[] = []
    for (const candidate of toDuckdbSqls(definition.representations)) {
      const statement = splitStatements(candidate.sql ?? '')[0]
      if (candidate.sql === null || !statement) {
        refusals.push(`${candidate.dialect}: ${candidate.reason ?? 'it is empty'}`)
        continue
      }
      const [scansBefore, viewsBefore, readCount] = [new Set(scans.keys()), new Set(views.keys()), tablesRead.length]
      const attempt = await tryCandidate(candidate, statement, { identifier, definition, path })
      if (typeof attempt !== 'string') return attempt
      // Relations that only the refused SQL names are not read.
      for (const key of scans.keys()) if (!scansBefore.has(key)) scans.delete(key)
      for (const key of views.keys()) if (!viewsBefore.has(key)) views.delete(key)
      tablesRead.length = readCount
      refusals.push(`${candidate.dialect}: ${attempt}`)
    }
    throw unsupportedViewError(identifier, refusals)
  }

  /** The view, or why DuckDB does not accept it in this dialect. */
  async function tryCandidate(
    { sql, dialect }: DuckdbSql & { sql: string },
    statement: Statement,
    {
      identifier,
      definition,
      path,
    }: { identifier: TableIdentifier; definition: ViewDefinition; path: readonly TableIdentifier[] },
  ): Promise<LocalView | string> {
    const inner = findViewReferences(statement)
    if (typeof inner === 'string') return inner
    const localNames: string[] = []
    for (const reference of inner) {
      const named = { ...reference, identifier: toIdentifierInView(reference.parts, identifier, definition, deps) }
      localNames.push(await resolve(named, path).catch((error: unknown) => rethrowInView(error, named, path)))
    }
    const isZoned = !deps.engine.hasTimeZones && usesZones(statement.tokens, scans.values())
    const edits = isZoned
      ? findZoneEdits(
          statement.tokens,
          inner.map(({ fullRange }) => fullRange),
        )
      : []
    const tables = inner.map((reference, i) => toNamedTable(reference, scans.get(localNames[i] ?? '')))
    const exactNameEdits = tryFindExactNameEdits(statement, tables)
    if (typeof exactNameEdits === 'string') return exactNameEdits
    const otherEdits = [...edits, ...exactNameEdits]
    const rewritten = rewriteTables(sql, statement, inner, localNames, { otherEdits })
    // Two connections may show one view whose SQL means other tables there.
    const localName = `lakeshore view ${viewKey(identifier)} ${definition.key}`
    const describe = async (hasOperators: boolean, isUntyped = false) => {
      const { tokens } = statement
      if (isZoned) await installMacros(deps.engine, rewritten.sql, { tokens, hasOperators, isUntyped })
      await selectSchema(deps.engine, 'shadow', hasOperators)
      return await deps.engine.query(`DESCRIBE ${rewritten.sql}`)
    }
    let hasZoneOperators = false
    try {
      const describeWithOperators = async () => {
        hasZoneOperators = true
        return await describe(true)
      }
      const description = await describe(false)
        .catch((error: unknown) => {
          if (!isZoned || !needsOperators(error)) throw error
          return describeWithOperators()
        })
        .catch((error: unknown) => {
          if (!hasZoneOperators || !hasUntypedOperands(error)) throw error
          return describe(true, true)
        })
      const names = description.toArray().map((row) => withoutMacros(String(row.column_name)))
      const declared = definition.fields.map(({ name }) => name)
      const body = selectDeclared(rewritten.sql, names, declared)
      if (body === null) return `it returns ${names.length} columns, and the view declares ${declared.length}`
      await createView(deps.engine, 'shadow', { localName, sql: body, hasZoneOperators })
      return { identifier, dialect, localName, sql: body, statement, hasZoneOperators }
    } catch (error) {
      const message = duckdbMessage(error)
      if (message === null) throw error
      return rewritten.toSourceText(message)
    }
  }

  const localNames: string[] = []
  for (const reference of references)
    localNames.push(await resolve(reference, []).catch((error: unknown) => rethrowAt(error, reference.nameRange)))
  return { localNames, scans, labels, views: [...views.values()], tablesRead }
}

/** @param scan none for a view */
export function toNamedTable(reference: TableReference, scan: TableScan | undefined): NamedTable {
  return { reference, fields: scan?.fields ?? null, renamedColumns: scan?.renamedColumns ?? [] }
}

/** The edits, or why the SQL of a view is refused. */
function tryFindExactNameEdits({ tokens }: Statement, tables: readonly NamedTable[]): Edit[] | string {
  try {
    return findExactNameEdits(tokens, tables)
  } catch (error) {
    if (error instanceof AppError) return error.message
    throw error
  }
}

/** The scan with metadata columns, unless the table has columns of these names. */
function addMetadataColumns(scan: TableScan, metadataColumns: readonly NestedField[]): TableScan {
  const ownNames = new Set(scan.fields.map(({ name }) => name.toLowerCase()))
  const added = metadataColumns.filter(({ name }) => !ownNames.has(name))
  if (added.length === 0) return scan
  const hiddenColumns = added.map(({ name }) => name)
  const key = [scan.key, ...hiddenColumns].join('\n')
  return { ...scan, key, fields: [...scan.fields, ...added], hiddenColumns }
}

/** Creates a view in one of the schemas with the tables of the lake (`shadow` or `lake`). */
export async function createView(
  engine: Engine,
  schema: 'shadow' | 'lake',
  { localName, sql, hasZoneOperators }: Pick<LocalView, 'localName' | 'sql' | 'hasZoneOperators'>,
): Promise<void> {
  await selectSchema(engine, schema, hasZoneOperators)
  await engine.query(`CREATE OR REPLACE VIEW ${schema}.${quoteIdentifier(localName)} AS ${sql}`)
}

/** The tables that the SQL of a view names, or why it is refused. */
function findViewReferences(statement: Statement): TableReference[] | string {
  try {
    checkReadOnly(statement.tokens)
    const references = findTableReferences(statement.tokens, { timeZone: null, nowMs: Number.POSITIVE_INFINITY })
    return references.some(({ file }) => file !== undefined) ? 'it reads a file, which a view may not' : references
  } catch (error) {
    if (error instanceof AppError) return error.message
    throw error
  }
}

/**
 * What a name in a view refers to. A view names catalogs as its engine does: a name that is no connection here is the
 * catalog of the view itself.
 */
function toIdentifierInView(
  parts: readonly string[],
  { catalog }: TableIdentifier,
  { defaultCatalog, defaultNamespace }: ViewDefinition,
  { connections }: Pick<RelationDeps, 'connections'>,
): TableIdentifier {
  const [first = ''] = parts
  const table = parts.at(-1) ?? ''
  const defaultConnection = defaultCatalog !== null && connections.includes(defaultCatalog) ? defaultCatalog : catalog
  if (parts.length === 1) {
    if (defaultNamespace.length === 0)
      throw new AppError(
        'not-supported',
        `The view names ${sqlName(parts)} without a namespace, and has no default one.`,
        {
          facts: { hint: 'Ask the owner of the view to correct its SQL.' },
        },
      )
    return { catalog: defaultConnection, namespace: defaultNamespace, table }
  }
  const hasCatalog = parts.length > 2 && (connections.includes(first) || first === defaultCatalog)
  return {
    catalog: hasCatalog && connections.includes(first) ? first : defaultConnection,
    namespace: parts.slice(hasCatalog ? 1 : 0, -1),
    table,
  }
}

/**
 * The SQL with the columns that the view declares: by name if it returns all of them, otherwise by position; null when
 * neither is possible. A `select *` of a view may return columns that its tables have received since.
 */
function selectDeclared(sql: string, names: readonly string[], declared: readonly string[]): string | null {
  const lowerNames = names.map((name) => name.toLowerCase())
  const lowerDeclared = declared.map((name) => name.toLowerCase())
  if (declared.length === 0 || lowerNames.join('\n') === lowerDeclared.join('\n')) return sql
  const isUnique = new Set(lowerNames).size === lowerNames.length
  const hasAll = isUnique && lowerDeclared.every((name) => lowerNames.includes(name))
  if (!hasAll && names.length !== declared.length) return null
  const columns = declared.map((name, i) => {
    const position = hasAll ? lowerNames.indexOf(name.toLowerCase()) : i
    return `c${position} AS ${quoteIdentifier(name)}`
  })
  return `SELECT ${columns.join(', ')} FROM (${sql}\n) AS answer(${names.map((_name, i) => `c${i}`).join(', ')})`
}

function unsupportedViewError(identifier: TableIdentifier, refusals: readonly string[]): AppError {
  const reasons = refusals.map((refusal) => (refusal.endsWith('.') ? refusal.slice(0, -1) : refusal)).join('; ')
  return new AppError(
    'not-supported',
    refusals.length === 0
      ? `The view ${label(identifier)} has no SQL.`
      : `The view ${label(identifier)} has no SQL that can run in DuckDB. ${reasons}.`,
    { facts: { hint: 'Query the tables that it reads, or ask its owner to add SQL in the dialect duckdb.' } },
  )
}

/** The metadata table that a name may refer to, and the table that it describes. */
type MetadataTableRead = { identifier: TableIdentifier; name: MetadataTableName; hasDollar: boolean }

/** The error for a missing table, with the names of metadata tables for a name such as `flights$nope`. */
function missingMetadataTableError(missing: AppError, { identifier: { namespace, table } }: NamedReference): AppError {
  const dollar = table.lastIndexOf('$')
  if (dollar <= 0) return missing
  const message = `There is no metadata table ${table.slice(dollar + 1)} of ${sqlName([...namespace, table.slice(0, dollar)])}.`
  return withFacts(missing, message, { ...missing.facts, hint: `There are ${METADATA_TABLE_NAMES.join(', ')}.` })
}

/** As {@link parseMetadataTable}, in the catalog that the name was resolved to. */
function toMetadataTable({ identifier }: NamedReference): MetadataTableRead | null {
  const { catalog, namespace, table } = identifier
  const parsed = parseMetadataTable([...namespace, table])
  if (parsed === null) return null
  const { name, hasDollar } = parsed
  return {
    identifier: { catalog, namespace: parsed.table.slice(0, -1), table: parsed.table.at(-1) ?? '' },
    name,
    hasDollar,
  }
}

function isForbidden(error: unknown): error is AppError {
  return error instanceof AppError && error.code === 'forbidden'
}

/** Whether there is no table of that name; a table without the named ref, snapshot or time exists. */
function isNoSuchTable(error: unknown): error is AppError {
  if (!(error instanceof AppError) || error.code !== 'not-found') return false
  return !['refName', 'snapshotId', 'atMs'].some((fact) => Object.hasOwn(error.facts, fact))
}

function addTableRead(
  tablesRead: TableRead[],
  { identifier, asOf, assumedZone, metadataTable }: NamedReference & { metadataTable?: MetadataTableName },
  scan: TableScan,
  path: readonly TableIdentifier[],
): void {
  const views = path.map(label)
  const read = tablesRead.find(
    (other) =>
      isSameTable(other.identifier, identifier) &&
      other.metadataTable === metadataTable &&
      JSON.stringify([other.asOf, other.views]) === JSON.stringify([asOf, views]),
  )
  if (read) return
  const { snapshotId, committedAtMs, renamedColumns = [] } = scan
  tablesRead.push({
    identifier,
    asOf,
    assumedZone,
    snapshotId,
    committedAtMs,
    views,
    ...(metadataTable !== undefined && { metadataTable }),
    ...(renamedColumns.length > 0 && { renamedColumns }),
  })
}

function rethrowAt(error: unknown, range: SqlRange): never {
  if (!(error instanceof AppError) || error.code === 'cancelled') throw error
  throw withFacts(error, error.message, { ...error.facts, ...range })
}

/** A failure beneath a view names the table, and has no position in the text as written. */
function rethrowInView(error: unknown, { identifier }: NamedReference, path: readonly TableIdentifier[]): never {
  if (!(error instanceof AppError) || error.code === 'cancelled' || error.facts['view'] !== undefined) throw error
  const { start: _start, end: _end, ...facts } = error.facts
  const view = path.at(-1)
  const viewName = view ? label(view) : ''
  const message = `The view ${viewName} reads ${label(identifier)}: ${error.message}`
  throw withFacts(error, message, { ...facts, view: viewName })
}

function withFacts(error: AppError, message: string, facts: AppError['facts']): AppError {
  const { code, requestId } = error
  return new AppError(code, message, { cause: error, facts: { ...facts }, ...(requestId !== null && { requestId }) })
}

function viewKey({ catalog, namespace, table }: TableIdentifier): string {
  return JSON.stringify([catalog, joinNamespace(namespace), table])
}

function label({ namespace, table }: TableIdentifier): string {
  return sqlName([...namespace, table])
}
