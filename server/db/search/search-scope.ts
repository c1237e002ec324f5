import 'server-only'
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { joinNamespace } from '@/lib/iceberg/identifiers'
import type { Resource } from '@/lib/permissions'

/** What a search may find, by the grants of the person: it is part of the query, so that limits count visible rows. */
export type SearchScope = {
  catalogs: readonly string[]
  /** Where tables and views may be read. */
  tables: readonly Resource[]
  /** Where the properties of namespaces may be read. */
  namespaceDetails: readonly Resource[]
  /** What is reached at all: a namespace around it is found by its name. */
  reached: readonly Resource[]
}

const AFTER_LEVEL = '\x20'

/** The condition for a row of `search_objects` to be found by its own name. */
export function isVisible({ catalogs, tables, reached }: SearchScope): RawBuilder<SqlBool> {
  const namespaces = anyOf(reached.map(({ catalog, namespace = [] }) => isAroundOrWithin(catalog, namespace)))
  return sql<SqlBool>`(${isInCatalog(catalogs)} and ((search_objects.kind <> 'namespace' and ${anyOf(tables.map(isCovered))})
    or (search_objects.kind = 'namespace' and ${namespaces})))`
}

/** The condition for what is in the object to be found. */
export function hasVisibleEntries({ catalogs, tables, namespaceDetails }: SearchScope): RawBuilder<SqlBool> {
  return sql<SqlBool>`(${isInCatalog(catalogs)} and ((search_objects.kind <> 'namespace' and ${anyOf(tables.map(isCovered))})
    or (search_objects.kind = 'namespace' and ${anyOf(namespaceDetails.map(isCovered))})))`
}

/** Whether there is nothing in these catalogs that the scope leaves out. */
export function isUnrestricted({ tables, namespaceDetails }: SearchScope): boolean {
  const isEverything = ({ catalog, namespace = [], table }: Resource) =>
    catalog === undefined && namespace.length === 0 && table === undefined
  return tables.some(isEverything) && namespaceDetails.some(isEverything)
}

/** For each resource, where its tables are in the index of the names. */
export function tableRanges({ catalogs, tables }: SearchScope): RawBuilder<SqlBool>[] {
  return catalogs.flatMap((one) =>
    tables
      .filter(({ catalog = one }) => catalog === one)
      .flatMap(({ namespace = [], table }) => {
        const isNamed = table === undefined ? [] : [sql<SqlBool>`search_objects.name = ${table}`]
        const isOfCatalog = sql<SqlBool>`search_objects.catalog = ${one}`
        const ranges = namespace.length === 0 ? [sql<SqlBool>`1 = 1`] : [isSame(namespace), isBelow(namespace)]
        return ranges.map((range) => allOf([isOfCatalog, range, ...isNamed]))
      }),
  )
}

function isInCatalog(catalogs: readonly string[]): RawBuilder<SqlBool> {
  return catalogs.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`search_objects.catalog in (${sql.join(catalogs)})`
}

function isCovered({ catalog, namespace = [], table }: Resource): RawBuilder<SqlBool> {
  return allOf([
    ...(catalog === undefined ? [] : [sql<SqlBool>`search_objects.catalog = ${catalog}`]),
    ...(namespace.length === 0 ? [] : [isWithin(namespace)]),
    ...(table === undefined ? [] : [sql<SqlBool>`search_objects.name = ${table}`]),
  ])
}

function isAroundOrWithin(catalog: string | undefined, namespace: readonly string[]): RawBuilder<SqlBool> {
  const around = namespace.slice(0, -1).map((_, index) => joinNamespace(namespace.slice(0, index + 1)))
  return allOf([
    ...(catalog === undefined ? [] : [sql<SqlBool>`search_objects.catalog = ${catalog}`]),
    ...(namespace.length === 0
      ? []
      : [anyOf([isWithin(namespace), ...around.map((one) => sql<SqlBool>`search_objects.namespace = ${one}`)])]),
  ])
}

function isWithin(namespace: readonly string[]): RawBuilder<SqlBool> {
  return anyOf([isSame(namespace), isBelow(namespace)])
}

function isSame(namespace: readonly string[]): RawBuilder<SqlBool> {
  return sql<SqlBool>`search_objects.namespace = ${joinNamespace(namespace)}`
}

/** Levels are joined by a character that comes directly before the space. */
function isBelow(namespace: readonly string[]): RawBuilder<SqlBool> {
  const first = joinNamespace([...namespace, ''])
  const end = joinNamespace(namespace) + AFTER_LEVEL
  return sql<SqlBool>`(search_objects.namespace >= ${first} and search_objects.namespace < ${end})`
}

function anyOf(conditions: readonly RawBuilder<SqlBool>[]): RawBuilder<SqlBool> {
  return conditions.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`(${sql.join(conditions, sql` or `)})`
}

function allOf(conditions: readonly RawBuilder<SqlBool>[]): RawBuilder<SqlBool> {
  return conditions.length === 0 ? sql<SqlBool>`1 = 1` : sql<SqlBool>`(${sql.join(conditions, sql` and `)})`
}
