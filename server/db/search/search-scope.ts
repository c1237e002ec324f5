import 'server-only'
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { joinNamespace, type Namespace } from '@/lib/names/identifiers'
import type { Resource } from '@/lib/permissions'
import type { Dialect } from '../statement'

/**
 * The objects that a search may find, by the user's grants. It is part of the query, so that limits count visible rows.
 */
export type SearchScope = {
  catalogs: readonly string[]
  /** Where tables and views may be read. */
  tables: readonly Resource[]
  /** Where the properties of namespaces may be read. */
  namespaceDetails: readonly Resource[]
  /** Resources that the grants reach: a namespace around them is found by its name. */
  reached: readonly Resource[]
}

/** Resources by what they cover. The contents of a whole catalog are not repeated in the others. */
type Cover = { catalogs: string[]; namespaces: Area[]; tables: (Area & { table: string })[] }
type Area = { catalog: string; namespace: Namespace }

const AFTER_LEVEL = '\x20'
const NO_ROWS = sql<{ id: number }>`select 0 as id where 1 = 0`

/**
 * Tables to put before a statement with the conditions below: the ids of the objects that the scope covers outside of
 * whole catalogs. A person can have hundreds of grants, so each is looked up once and not compared with every row.
 */
export function scopeTables(dialect: Dialect, { catalogs, tables, namespaceDetails, reached }: SearchScope) {
  const around = coverOf(catalogs, reached)
  const entered = [...around.namespaces, ...around.tables].flatMap(({ catalog, namespace }) =>
    namespace.map((_, index) => ({ catalog, namespace: namespace.slice(0, index + 1) })),
  )
  return sql`with granted_tables (id) as (${coveredIds(dialect, coverOf(catalogs, tables))}),
    granted_namespaces (id) as (${namespaceIds(dialect, coverOf(catalogs, namespaceDetails).namespaces, [])}),
    entered_namespaces (id) as (${namespaceIds(dialect, around.namespaces, entered)})`
}

/** The condition for a row of `search_objects` to be found by its own name. */
export function isVisible({ catalogs, tables, reached }: SearchScope): RawBuilder<SqlBool> {
  return sql<SqlBool>`((search_objects.kind <> 'namespace' and ${isOf(coverOf(catalogs, tables), 'granted_tables')})
    or (search_objects.kind = 'namespace' and ${isOf(coverOf(catalogs, reached), 'entered_namespaces')}))`
}

/** The condition for finding the entries of the object. */
export function hasVisibleEntries({ catalogs, tables, namespaceDetails }: SearchScope): RawBuilder<SqlBool> {
  return sql<SqlBool>`((search_objects.kind <> 'namespace' and ${isOf(coverOf(catalogs, tables), 'granted_tables')})
    or (search_objects.kind = 'namespace' and ${isOf(coverOf(catalogs, namespaceDetails), 'granted_namespaces')}))`
}

/** Whether the scope leaves out nothing in these catalogs. */
export function isUnrestricted({ tables, namespaceDetails }: SearchScope): boolean {
  const isEverything = ({ catalog, namespace = [], table }: Resource) =>
    catalog === undefined && namespace.length === 0 && table === undefined
  return tables.some(isEverything) && namespaceDetails.some(isEverything)
}

/** Selects the ids of tables and views of the scope, up to the limit. */
export function tableIds(dialect: Dialect, { catalogs, tables }: SearchScope, limit: number) {
  const cover = coverOf(catalogs, tables)
  const whole = sql<{ id: number }>`select search_objects.id from search_objects
    where ${isInCatalog(cover.catalogs)} and search_objects.kind <> 'namespace'`
  const selects = [...(cover.catalogs.length === 0 ? [] : [whole]), coveredIds(dialect, cover)].map(
    (select) => sql`select * from (${select} limit ${sql.lit(limit)}) as found`,
  )
  return sql<{ id: number }>`${sql.join(selects, sql` union `)} limit ${sql.lit(limit)}`
}

function coverOf(catalogs: readonly string[], resources: readonly Resource[]): Cover {
  const all = resources.flatMap(({ catalog, namespace = [], table }) =>
    catalogs
      .filter((one) => catalog === undefined || catalog === one)
      .map((one) => ({ catalog: one, namespace, table })),
  )
  const isWhole = ({ namespace, table }: Omit<Resource, 'catalog'>) => !namespace?.length && table === undefined
  const whole = new Set(all.filter(isWhole).map(({ catalog }) => catalog))
  const others = all.filter(({ catalog }) => !whole.has(catalog))
  return {
    catalogs: [...whole],
    namespaces: others.filter(({ table }) => table === undefined),
    tables: others.flatMap(({ table, ...area }) => (table === undefined ? [] : [{ ...area, table }])),
  }
}

function isOf({ catalogs, namespaces, tables }: Cover, ids: string): RawBuilder<SqlBool> {
  if (namespaces.length === 0 && tables.length === 0) return isInCatalog(catalogs)
  return sql<SqlBool>`(${isInCatalog(catalogs)} or search_objects.id in (select id from ${sql.table(ids)}))`
}

function isInCatalog(catalogs: readonly string[]): RawBuilder<SqlBool> {
  return catalogs.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`search_objects.catalog in (${sql.join(catalogs)})`
}

function coveredIds(dialect: Dialect, { namespaces, tables }: Cover): RawBuilder<{ id: number }> {
  const named = tables.map(({ catalog, namespace, table }) => [catalog, joinNamespace(namespace), table])
  return unionOf([
    ...withinIds(dialect, namespaces, sql`search_objects.kind <> 'namespace'`),
    ...namedIds(dialect, named, sql`search_objects.kind <> 'namespace'`),
  ])
}

function namespaceIds(dialect: Dialect, within: readonly Area[], exactly: readonly Area[]): RawBuilder<{ id: number }> {
  const named = exactly.map(({ catalog, namespace }) => [catalog, joinNamespace(namespace), ''])
  return unionOf([
    ...withinIds(dialect, within, sql`search_objects.kind = 'namespace'`),
    ...namedIds(dialect, named, sql`search_objects.kind = 'namespace'`),
  ])
}

/**
 * Objects in these namespaces and below them. Levels are joined by a character that comes directly before the space.
 */
function withinIds(
  dialect: Dialect,
  areas: readonly Area[],
  isRequested: RawBuilder<unknown>,
): RawBuilder<{ id: number }>[] {
  if (areas.length === 0) return []
  const same = areas.map(({ catalog, namespace }) => [catalog, joinNamespace(namespace)])
  const below = areas.map(({ catalog, namespace }) => [
    catalog,
    joinNamespace([...namespace, '']),
    joinNamespace(namespace) + AFTER_LEVEL,
  ])
  return [
    idsAt(
      dialect,
      same,
      sql`search_objects.catalog = sought.a and search_objects.namespace = sought.b and ${isRequested}`,
    ),
    idsAt(
      dialect,
      below,
      sql`search_objects.catalog = sought.a and search_objects.namespace >= sought.b
        and search_objects.namespace < sought.c and ${isRequested}`,
    ),
  ]
}

function namedIds(
  dialect: Dialect,
  rows: readonly string[][],
  isRequested: RawBuilder<unknown>,
): RawBuilder<{ id: number }>[] {
  if (rows.length === 0) return []
  const isNamed = sql`search_objects.catalog = sought.a and search_objects.namespace = sought.b
    and search_objects.name = sought.c and ${isRequested}`
  return [idsAt(dialect, rows, isNamed)]
}

function idsAt(dialect: Dialect, rows: readonly string[][], condition: RawBuilder<unknown>) {
  return sql<{ id: number }>`select search_objects.id from ${dialect.lookUp(rows, 'search_objects', condition)}`
}

function unionOf(selects: readonly RawBuilder<{ id: number }>[]): RawBuilder<{ id: number }> {
  return selects.length === 0 ? NO_ROWS : sql<{ id: number }>`${sql.join(selects, sql` union `)}`
}
