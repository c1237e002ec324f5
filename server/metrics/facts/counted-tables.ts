import 'server-only'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { type Actor, isPermitted } from '@/server/auth/actor'
import type { Database } from '@/server/db/database'
import type { SumScope } from '@/server/db/facts/is-in-scope'
import { isRemovedCatalog } from '@/server/db/facts/renamed-catalog'
import { type FactScope, type FactTable, hasNewestCommitOf, readFactTables } from '@/server/db/facts/fact-tables'
import { hasRepeatedTables, listFactCatalogs } from '@/server/db/facts/sums/scope-tables'

/** The histories in the sums of a dashboard. */
export type CountedScope = {
  /** Where these are all tables of some catalogs, the sums of the catalogs are stored. */
  of: SumScope
  /** Other names of tables that are counted under one name. */
  repeated: { table: TableIdentifier; countedAs: TableIdentifier }[]
}

export type CountedTables = CountedScope & {
  /** By name; dropped ones, too. */
  tables: FactTable[]
}

type Services = { config: { catalogName: string }; database: Database }

/** The same as `readCountedTables` without its tables, which are not read if each of them is counted. */
export async function readCountedScope(services: Services, actor: Actor, scope: FactScope): Promise<CountedScope> {
  const { catalog } = scope
  const isOfCatalogs = scope.namespace === undefined && scope.table === undefined
  if (isOfCatalogs && isPermitted(actor, 'table:read', catalog === undefined ? {} : { catalog })) {
    const all = (await listFactCatalogs(services.database)).filter((name) => !isRemovedCatalog(name))
    const catalogs = all.filter((name) => name === (catalog ?? name))
    if (!(await hasRepeatedTables(services.database, catalogs))) return { of: { catalogs }, repeated: [] }
  }
  const { of, repeated } = await readCountedTables(services, actor, scope)
  return { of, repeated }
}

/**
 * The tables of a scope that the actor may read, each once: a table that a second connection or a second registration
 * has under another name is counted under its name in our own catalog, or else under its first name. Copies that have
 * diverged are two tables.
 */
export async function readCountedTables(
  { config, database }: Services,
  actor: Actor,
  scope: FactScope,
): Promise<CountedTables> {
  const inScope = (await readFactTables(database, scope)).filter(({ table }) => !isRemovedCatalog(table.catalog))
  const permitted = inScope.filter(({ table }) => isPermitted(actor, 'table:read', table))
  const isOwn = ({ table }: FactTable) => Number(table.catalog === config.catalogName)
  const repeated = new Map<FactTable, FactTable>()
  const isPresent = ({ droppedAtMs }: FactTable) => Number(droppedAtMs === null)
  for (const named of Map.groupBy(permitted, ({ tableUuid }) => tableUuid).values()) {
    if (named.length < 2) continue
    const counted: FactTable[] = []
    // Another catalog may have the table for some time after it was dropped or renamed.
    for (const table of named.toSorted((a, b) => isOwn(b) - isOwn(a) || isPresent(b) - isPresent(a))) {
      const same = await findSame(database, counted, table)
      if (same === null) counted.push(table)
      else repeated.set(table, same)
    }
  }
  const tables = permitted.filter((table) => !repeated.has(table))
  const isAll = scope.namespace === undefined && scope.table === undefined && tables.length === inScope.length
  return {
    tables,
    of: isAll
      ? { catalogs: [...new Set(tables.map(({ table }) => table.catalog))] }
      : { tableIds: tables.map(({ id }) => id) },
    repeated: [...repeated].map(([{ table }, { table: countedAs }]) => ({ table, countedAs })),
  }
}

/** A table may have been read before a commit under one name, and after it under the other. */
async function findSame(
  database: Database,
  counted: readonly FactTable[],
  table: FactTable,
): Promise<FactTable | null> {
  for (const candidate of counted) {
    const { metadataLocation } = table
    if (metadataLocation !== null && candidate.metadataLocation === metadataLocation) return candidate
    if (await hasNewestCommitOf(database, candidate.id, table.id)) return candidate
    if (await hasNewestCommitOf(database, table.id, candidate.id)) return candidate
  }
  return null
}
