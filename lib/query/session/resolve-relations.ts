import { AppError } from '@/lib/errors'
import { type HistoryTableName, historyTableLabel, parseHistoryTable } from '@/lib/facts/history-table-names'
import type { AsOf } from '@/lib/iceberg/as-of'
import { isSameTable, type TableIdentifier } from '@/lib/names/identifiers'
import type { MetadataTableName } from '@/lib/iceberg/metadata/metadata-table-names'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { Engine } from '@/lib/query/duckdb/engine'
import { findMissingName } from '@/lib/query/duckdb/missing-name'
import { type DuckdbSql, toDuckdbSqls } from '@/lib/query/duckdb/view-sql'
import { findZoneEdits } from '@/lib/query/duckdb/zones/zone-rewrite'
import type { TableRead } from '@/lib/query/engine'
import type { FileReference } from '@/lib/query/tables/file-reference'
import type { RequestedFile } from '@/lib/query/load/file-scan'
import type { TableCache } from '@/lib/query/load/table-cache'
import type { ScanOptions, TableScan } from '@/lib/query/load/table-scan'
import { rewriteTables } from '@/lib/query/tables/rewrite-tables'
import { sqlError } from '@/lib/query/statement/sql-error'
import { type Statement, splitStatements } from '@/lib/query/statement/statements'
import { findViewReferences, toIdentifierInView } from '@/lib/query/tables/view-references'
import { type LakeNames, namespaceExists } from './lake-names'
import { type LocalView, tryCreateLocalView } from './local-view'
import { type MetadataTableRead, toMetadataTable } from './metadata-table-read'
import { toNamedTable, tryFindExactNameEdits } from './named-table'
import {
  isForbidden,
  isNoSuchTable,
  missingMetadataTableError,
  rethrowAt,
  rethrowInView,
  unreadableViewError,
  type ViewRefusal,
  withFacts,
} from './relation-errors'
import { type NamedReference, relationKey, relationLabel } from './relation-name'
import { addTableRead } from './tables-read'
import type { ViewCache } from './view-cache'
import type { ViewDefinition } from './view-definition'
import { usesZones } from './zones'

/** Views may name views: this deep, no further. */
const MAX_VIEW_DEPTH = 8
/** All tables and views that one statement may read, those beneath its views included. */
const MAX_RELATIONS = 100
/** A view is expanded again for each dialect of the view around it, until DuckDB accepts one. */
const MAX_EXPANSIONS = 4 * MAX_RELATIONS

/** The tables and views that the names of a statement refer to. */
export type Relations = {
  /** The name in DuckDB of each reference, in their order. */
  localNames: readonly string[]
  /** The tables by their local names, those beneath views included. */
  scans: ReadonlyMap<string, TableScan>
  /** How people call the tables, by their local names. */
  labels: ReadonlyMap<string, string>
  /** Innermost first, so that each can be created in DuckDB after the views it names. */
  views: readonly LocalView[]
  tablesRead: readonly TableRead[]
  historyTables: readonly HistoryTableName[]
  /** Files are read in place of tables. */
  readsFiles: boolean
}

export type RelationDeps = {
  engine: Engine
  tables: TableCache
  getTableScan: (
    identifier: TableIdentifier,
    asOf: AsOf,
    metadataTable?: MetadataTableName | null,
  ) => Promise<TableScan>
  getFileScan: (file: RequestedFile) => Promise<TableScan>
  getHistoryScan: (name: HistoryTableName) => Promise<TableScan>
  viewCache: ViewCache
  knownViews: readonly TableIdentifier[]
  lakeNames: LakeNames
  options: ScanOptions
  connections: readonly string[]
  /** The metadata columns that the statement names. */
  metadataColumns: readonly NestedField[]
}

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
  const historyTables = new Set<HistoryTableName>()
  const plannedScans = new Map<string, TableScan>()
  let expandedCount = 0
  let readsFiles = false

  async function resolve(reference: NamedReference, path: readonly TableIdentifier[]): Promise<string> {
    const { identifier, file } = reference
    if (file !== undefined) return await addFile(reference, file)
    const historyTable = parseHistoryTable(reference.parts)
    if (historyTable !== null && !(await mightHaveEntries(identifier))) return await addHistory(reference, historyTable)
    const metadataTable = toMetadataTable(reference)
    const mayBeOther = metadataTable !== null || historyTable !== null
    if (metadataTable !== null && (metadataTable.hasDollar || !(await mightHaveEntries(identifier)))) {
      const { scan } = await findMetadataScan(reference, metadataTable)
      if (scan) return await addMetadataTable(reference, metadataTable, scan, path)
    }
    // A table first, unless the request or an earlier statement says that it is a view.
    const found = isKnownView(identifier) ? null : await findScan(reference, mayBeOther)
    if (found?.scan) return await addTable(reference, found.scan, path)
    const view = await resolveView(reference, path).catch((error: unknown) => {
      if (mayBeOther && isForbidden(error)) return null
      throw error
    })
    if (view !== null) return view.localName
    const { scan, missing } = found ?? (await findScan(reference, mayBeOther))
    if (scan) return await addTable(reference, scan, path)
    if (historyTable !== null) return await addHistory(reference, historyTable)
    if (metadataTable === null) throw missingMetadataTableError(missing, reference)
    const described = await findMetadataScan(reference, metadataTable)
    if (described.scan) return await addMetadataTable(reference, metadataTable, described.scan, path)
    throw described.missing
  }

  function isKnownView(identifier: TableIdentifier): boolean {
    const key = relationKey(identifier)
    return deps.viewCache.has(identifier) || deps.knownViews.some((known) => relationKey(known) === key)
  }

  /**
   * Whether the namespace of a name may have tables and views: without it, the name can only be a metadata table. If the
   * namespaces cannot be listed, it may, and the lookup of the table reports the failure.
   */
  async function mightHaveEntries({ catalog, namespace }: TableIdentifier): Promise<boolean> {
    return (await namespaceExists(deps.lakeNames, catalog, namespace, deps.options).catch(() => null)) !== false
  }

  function requireRoom(): void {
    expandedCount += 1
    if (scans.size + views.size < MAX_RELATIONS && expandedCount <= MAX_EXPANSIONS) return
    throw new AppError('too-large', `A query can read at most ${MAX_RELATIONS} tables and views.`)
  }

  /**
   * The table, or why there is none of this name, which may be the name of a view.
   *
   * @param mayBeOther the name may refer to another relation, so that a table that the user may not read counts as
   *   missing
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
    const message = `${relationLabel(identifier)} is a view, and views have no metadata tables such as ${name}.`
    return { scan: null, missing: withFacts(found.missing, message, found.missing.facts) }
  }

  /** Each version is planned once, so that a statement cannot read two snapshots as the table of now. */
  async function planOnce(
    [identifier, asOf, metadataTable]: [TableIdentifier, AsOf, MetadataTableName | null],
    isMissing: (error: unknown) => error is AppError,
  ): Promise<{ scan: TableScan; missing: null } | { scan: null; missing: AppError }> {
    const key = JSON.stringify([relationKey(identifier), asOf, metadataTable])
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
    const localName = await registerScan(scan, relationLabel(reference.identifier))
    addTableRead(tablesRead, reference, scan, path)
    return localName
  }

  async function addMetadataTable(
    reference: NamedReference,
    { identifier, name }: MetadataTableRead,
    scan: TableScan,
    path: readonly TableIdentifier[],
  ) {
    const localName = await registerScan(scan, `${relationLabel(identifier)}$${name}`)
    addTableRead(tablesRead, { ...reference, identifier, metadataTable: name }, scan, path)
    return localName
  }

  async function addHistory({ asOf, fullRange }: NamedReference, name: HistoryTableName): Promise<string> {
    const label = historyTableLabel(name)
    if (Object.keys(asOf).length > 0)
      throw sqlError(
        `${label} has no snapshots.`,
        fullRange,
        'Select its rows by their time, and read it without a version or a time. As of in the toolbar counts, too.',
      )
    historyTables.add(name)
    return await registerScan(await deps.getHistoryScan(name), label)
  }

  async function addFile({ identifier, asOf }: NamedReference, { source }: FileReference): Promise<string> {
    readsFiles = true
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
      throw new AppError(
        'not-supported',
        `The view reads itself: ${[...path, identifier].map(relationLabel).join(' → ')}.`,
        {
          facts: { hint: 'Ask the owner of the view to correct its SQL.' },
        },
      )
    const known = views.get(relationKey(identifier))
    const definition = known ? null : await deps.viewCache.read(identifier, deps.options)
    if (!known && definition === null) return null
    if (Object.keys(asOf).length > 0)
      throw sqlError(
        `${relationLabel(identifier)} is a view, and views have no snapshots.`,
        fullRange,
        'Query the tables that it reads at a version or a time. As of in the toolbar is for tables, too.',
      )
    if (known) return known
    if (definition === null) return null
    if (path.length >= MAX_VIEW_DEPTH)
      throw new AppError('not-supported', `${relationLabel(identifier)} is more than ${MAX_VIEW_DEPTH} views deep.`, {
        facts: { hint: 'Query a view further down, or its tables.' },
      })
    requireRoom()
    const view = await expandView(identifier, definition, [...path, identifier])
    views.set(relationKey(identifier), view)
    return view
  }

  /** The view in the first dialect that DuckDB accepts. */
  async function expandView(
    identifier: TableIdentifier,
    definition: ViewDefinition,
    path: readonly TableIdentifier[],
  ): Promise<LocalView> {
    const refusals: ViewRefusal[] = []
    for (const candidate of toDuckdbSqls(definition.representations)) {
      const statement = splitStatements(candidate.sql ?? '')[0]
      if (candidate.sql === null || !statement) {
        refusals.push({ dialect: candidate.dialect, reason: candidate.reason ?? 'it is empty' })
        continue
      }
      const [scansBefore, viewsBefore, readCount] = [new Set(scans.keys()), new Set(views.keys()), tablesRead.length]
      const attempt = await tryCandidate(candidate, statement, { identifier, definition, path })
      if (typeof attempt !== 'string') return attempt
      // Relations that only the refused SQL names are not read.
      for (const key of scans.keys()) if (!scansBefore.has(key)) scans.delete(key)
      for (const key of views.keys()) if (!viewsBefore.has(key)) views.delete(key)
      tablesRead.length = readCount
      refusals.push({ dialect: candidate.dialect, reason: attempt, missingName: findMissingName(statement, attempt) })
    }
    throw unreadableViewError(identifier, refusals)
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
      const named = {
        ...reference,
        identifier: toIdentifierInView(reference.parts, identifier, definition, deps.connections),
      }
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
    const localName = `lakeshore view ${relationKey(identifier)} ${definition.key}`
    const candidate = { localName, rewritten, statement, isZoned, declared: definition.fields.map(({ name }) => name) }
    const created = await tryCreateLocalView(deps.engine, candidate)
    return typeof created === 'string' ? created : { identifier, dialect, localName, statement, ...created }
  }

  const localNames: string[] = []
  for (const reference of references)
    localNames.push(await resolve(reference, []).catch((error: unknown) => rethrowAt(error, reference.nameRange)))
  return {
    localNames,
    scans,
    labels,
    views: [...views.values()],
    tablesRead,
    historyTables: [...historyTables],
    readsFiles,
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
