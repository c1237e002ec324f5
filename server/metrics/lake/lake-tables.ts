import 'server-only'
import pMap from 'p-map'
import type { LakeCoverage, RepeatedTable, TableBadge, UnreachableCatalog } from '@/lib/contract/shapes/lake'
import type { InlineProblem } from '@/lib/contract/shapes/inline-problem'
import type { Namespace, TableIdentifier } from '@/lib/names/identifiers'
import { readAbout } from '@/lib/iceberg/properties/about'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { MetricsServices } from '@/server/metrics/metrics-services'
import { type Lake, walkLake } from './lake-walk'
import { toProblem } from './to-problem'

/** The number of tables that one answer covers; a larger lake is cut off, which the answer reports. */
const MAX_TABLES = 1_000
const CONCURRENCY = 8
/** How many failures and duplicate names one answer lists individually. */
const MAX_LISTED = 50

export type RequestContext = { signal: AbortSignal; requestId: string; nowMs: number }
export type Scope = { catalog?: string | undefined; namespace?: Namespace | undefined }

export type LakeTables = {
  tables: LoadedTable[]
  /** Duplicate names of tables that are in `tables`. */
  repeated: RepeatedTable[]
  unreadable: (InlineProblem & { table: TableIdentifier })[]
  unreachable: UnreachableCatalog[]
  catalogCount: number
  /** Without those whose tables are all listed under other names. */
  namespaceCount: number
  /** How many of these may still be second names of others: no table shows whether they are. */
  unprovenNamespaceCount: number
  isTruncated: boolean
  /** Reads a table's files within the rest of its catalog's time budget. */
  withinBudget: <Result>(table: LoadedTable, work: (context: RequestContext) => Promise<Result>) => Promise<Result>
}

/**
 * Loads every table that the actor may read, each once. Tables that cannot be loaded are reported, never silently left
 * out.
 */
export async function loadLake(
  services: Pick<MetricsServices, 'catalogs' | 'log'>,
  actor: Actor,
  scope: Scope,
  context: RequestContext,
): Promise<LakeTables> {
  const lake = await walkLake(services, actor, { ...context, onlyCatalog: scope.catalog })
  const requested = lake.tables.filter((identifier) => isInScope(identifier, scope))
  const byName = new Map(lake.catalogs.map((catalog) => [catalog.name, catalog]))
  const unreadable: LakeTables['unreadable'] = []
  const withinBudget = <Result>(
    catalogName: string,
    work: (context: RequestContext, catalog: CatalogClient) => Promise<Result>,
  ) => {
    const catalog = byName.get(catalogName)
    if (!catalog) throw new Error(`${catalogName} was not walked`)
    return lake.budget.spend(catalog, (signal) => work({ ...context, signal }, catalog))
  }
  const results = await pMap(
    requested.slice(0, MAX_TABLES),
    async (identifier) => {
      try {
        return await withinBudget(identifier.catalog, ({ signal }, catalog) =>
          catalog.loadTable(identifier, { signal }),
        )
      } catch (error) {
        unreadable.push({ table: identifier, ...toProblem(services.log, error, context) })
        return null
      }
    },
    { concurrency: CONCURRENCY },
  )
  const isOwn = ({ identifier }: LoadedTable) => byName.get(identifier.catalog)?.kind === 'embedded'
  const { tables, repeated } = dedupeTables(
    results.flatMap((table) => (table === null ? [] : [table])),
    isOwn,
  )
  return {
    tables,
    repeated,
    unreadable,
    unreachable: lake.unreachable,
    catalogCount: lake.catalogs.length,
    ...countNamespaces(lake, repeated),
    isTruncated: lake.isTruncated || requested.length > MAX_TABLES,
    withinBudget: ({ identifier }, work) => withinBudget(identifier.catalog, work),
  }
}

/**
 * One table can have several names, when a connection leads to our own catalog or when it was registered twice. It is
 * listed by its name in our own catalog, or else by its first name.
 */
function dedupeTables(
  loaded: readonly LoadedTable[],
  isOwn: (table: LoadedTable) => boolean,
): Pick<LakeTables, 'tables' | 'repeated'> {
  const byUuid = new Map<string, LoadedTable[]>()
  const repeated = new Map<LoadedTable, RepeatedTable>()
  for (const table of [...loaded.filter(isOwn), ...loaded.filter((candidate) => !isOwn(candidate))]) {
    const known = byUuid.get(table.metadata.tableUuid) ?? []
    const same = known.find((candidate) => isSameHistory(candidate, table))
    if (same) repeated.set(table, { table: table.identifier, countedAs: same.identifier })
    else byUuid.set(table.metadata.tableUuid, [...known, table])
  }
  return { tables: loaded.filter((table) => !repeated.has(table)), repeated: [...repeated.values()] }
}

/**
 * A namespace in which, and below which, every table is listed under another name is a second name, too. Other
 * namespaces of such a catalog, such as empty ones, may be.
 */
function countNamespaces(
  lake: Lake,
  repeated: readonly RepeatedTable[],
): Pick<LakeTables, 'namespaceCount' | 'unprovenNamespaceCount'> {
  const tableCounts = countByNamespace(lake.tables)
  const repeatedCounts = countByNamespace(repeated.map(({ table }) => table))
  const counted = lake.namespaces.filter((namespace) => {
    const key = namespaceKey(namespace)
    return !repeatedCounts.has(key) || repeatedCounts.get(key) !== tableCounts.get(key)
  })
  const names = new Set(lake.namespaces.map(namespaceKey))
  const sharing = new Map<string, Set<string>>()
  for (const { table, countedAs } of repeated) {
    if (table.catalog === countedAs.catalog) continue
    sharing.set(table.catalog, (sharing.get(table.catalog) ?? new Set()).add(countedAs.catalog))
  }
  const unproven = counted.filter(({ catalog, namespace }) =>
    [...(sharing.get(catalog) ?? [])].some((other) => names.has(namespaceKey({ catalog: other, namespace }))),
  )
  return { namespaceCount: counted.length, unprovenNamespaceCount: unproven.length }
}

/** Tables in and below each namespace. */
function countByNamespace(tables: readonly TableIdentifier[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { catalog, namespace } of tables) {
    namespace.forEach((_, level) => {
      const key = namespaceKey({ catalog, namespace: namespace.slice(0, level + 1) })
      counts.set(key, (counts.get(key) ?? 0) + 1)
    })
  }
  return counts
}

function namespaceKey({ catalog, namespace }: { catalog: string; namespace: Namespace }): string {
  return JSON.stringify([catalog, ...namespace])
}

/**
 * The same table may have been read before a commit under one name and after it under another. Copies that diverged are
 * two tables.
 */
function isSameHistory(a: LoadedTable, b: LoadedTable): boolean {
  const isSuccessor = (later: LoadedTable, earlier: LoadedTable) =>
    later.metadata.metadataLog.some(({ metadataFile }) => metadataFile === earlier.metadataLocation)
  return a.metadataLocation === b.metadataLocation || isSuccessor(a, b) || isSuccessor(b, a)
}

/** The coverage that every answer about the lake reports. */
export function toLakeReading(
  { tables, repeated, unreadable, unreachable, isTruncated }: LakeTables,
  { nowMs }: RequestContext,
): LakeCoverage {
  return {
    readAtMs: nowMs,
    tableCount: tables.length,
    duplicates: repeated.slice(0, MAX_LISTED),
    duplicateCount: repeated.length,
    unreadable: unreadable.slice(0, MAX_LISTED),
    unreadableCount: unreadable.length,
    unreachable,
    badges: tables.flatMap(({ identifier, metadata }): TableBadge[] => {
      const { badge, badgeReason } = readAbout(metadata.properties)
      return badge === null ? [] : [{ table: identifier, badge, badgeReason }]
    }),
    isTruncated,
  }
}

function isInScope(identifier: TableIdentifier, { catalog, namespace = [] }: Scope): boolean {
  return (
    (catalog ?? identifier.catalog) === identifier.catalog &&
    namespace.every((level, i) => identifier.namespace[i] === level)
  )
}
