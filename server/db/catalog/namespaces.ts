import 'server-only'
import { type Expression, type SqlBool, sql } from 'kysely'
import type { Namespace } from '@/lib/names/identifiers'
import { PROTECTED_PROPERTY } from '@/lib/iceberg/properties/about'
import { toDottedName } from './catalog-key'
import type { Change, Database } from '../database'
import { insertIf } from '../insert-if'
import { change, type Dialect, preparedQuery, query } from '../statement'

/**
 * Queries and changes of the SQL catalog's namespaces, by the rules of Java's JdbcCatalog and PyIceberg: a namespace
 * exists when a table, a view or a property is in it or below it. Another program may have created the tables, so
 * ranges and orders of text name their collation.
 */

/**
 * Namespaces of both tables as they are written, in order.
 *
 * @param parent only those below it; null: all of them
 * @param isDirect for each child of the parent at least one namespace that is the child or is below it, but not all of
 *   them: the query seeks from child to child, so the cost grows with the children and not with the tables
 * @param after only names after this one, which starts like those below the parent; null: from the first
 * @param limit the greatest number of names; null: all
 */
export async function readNamespaces(
  database: Database,
  catalog: string,
  parent: Namespace | null,
  { isDirect, after = null, limit = null }: { isDirect: boolean; after?: string | null; limit?: number | null },
): Promise<string[]> {
  const prefix = childPrefix(parent)
  const first = after === null ? prefix : lowerBoundAfter(after, prefix, isDirect)
  const rows = await database.read(
    query<{ name: string }>((dialect) => {
      const firstFrom = (lower: Expression<string>) => firstNamespaceFrom(dialect, catalog, lower, prefix)
      const rest = sql<string>`substr(step.name, ${sql.lit(Array.from(prefix).length + 1)})`
      const dot = dialect.position(rest, sql.lit('.'))
      // After a name, the least text is the name with the least character that may follow in a name.
      const afterName = sql<string>`step.name || ${'\u0001'}`
      const afterChild = sql<string>`${prefix} || substr(${rest}, 1, ${dot} - 1) || '/'`
      const next = isDirect ? sql<string>`case when ${dot} > 0 then ${afterChild} else ${afterName} end` : afterName
      const steps = sql<{ name: string }>`with recursive step(name) as (
          select ${firstFrom(sql<string>`${first}`)} as name
          union all select ${firstFrom(next)} from step where step.name is not null
        ) select name from step where name is not null ${limit === null ? sql`` : sql`limit ${limit}`}`
      return { compile: () => steps.compile(dialect.db) }
    }),
  )
  return rows.map(({ name }) => name)
}

/** The prefix of the names of all namespaces below the parent. */
export function childPrefix(parent: Namespace | null): string {
  return parent === null ? '' : `${toDottedName(parent)}.`
}

/** The least text that may come after a name; with `isDirect`, after everything below the same child. */
function lowerBoundAfter(name: string, prefix: string, isDirect: boolean): string {
  const [child = '', ...below] = name.slice(prefix.length).split('.')
  return isDirect && below.length > 0 ? `${prefix}${child}/` : `${name}\u0001`
}

/** The given names that have a row in either table as its namespace. */
export async function readExistingNamespaces(
  database: Database,
  catalog: string,
  names: readonly string[],
): Promise<Set<string>> {
  if (names.length === 0) return new Set()
  const rows = await database.read(
    query(({ db, bytes }) =>
      db
        .selectFrom('iceberg_tables')
        .select('table_namespace as name')
        .where(bytes('catalog_name'), '=', catalog)
        .where(bytes('table_namespace'), 'in', names)
        .union(
          db
            .selectFrom('iceberg_namespace_properties')
            .select('namespace as name')
            .where(bytes('catalog_name'), '=', catalog)
            .where(bytes('namespace'), 'in', names),
        ),
    ),
  )
  return new Set(rows.map(({ name }) => name))
}

/** The first namespace of either table from `lower` on that starts with the prefix, or null. */
function firstNamespaceFrom(
  { db, bytes }: Dialect,
  catalog: string,
  lower: Expression<string>,
  prefix: string,
): Expression<string | null> {
  const [tableNamespace, propertyNamespace] = [bytes('table_namespace'), bytes('namespace')]
  const tables = db
    .selectFrom('iceberg_tables')
    .select(({ fn }) => fn.min<string | null>(tableNamespace).as('name'))
    .where(bytes('catalog_name'), '=', catalog)
    .where(tableNamespace, '>=', lower)
    .$if(prefix !== '', (below) => below.where(tableNamespace, '<', prefixEnd(prefix)))
  const properties = db
    .selectFrom('iceberg_namespace_properties')
    .select(({ fn }) => fn.min<string | null>(propertyNamespace).as('name'))
    .where(bytes('catalog_name'), '=', catalog)
    .where(propertyNamespace, '>=', lower)
    .$if(prefix !== '', (below) => below.where(propertyNamespace, '<', prefixEnd(prefix)))
  return sql<
    string | null
  >`(select min(name) from (select ${tables} as name union all select ${properties}) as both_tables)`
}

/** The least text after all texts that start with a prefix that ends with a dot. */
function prefixEnd(prefix: string): string {
  return `${prefix.slice(0, -1)}/`
}

export async function hasNamespace(database: Database, catalog: string, namespace: Namespace): Promise<boolean> {
  const rows = await database.read(namespaceExistsQuery(toNamespaceRange(catalog, namespace)))
  return rows.length > 0
}

type NamespaceRange = { catalog: string; namespace: string; start: string; end: string }

const namespaceExistsQuery = preparedQuery((dialect, range: NamespaceRange) =>
  dialect.db.selectNoFrom(sql<number>`1`.as('there')).where(namespaceExistsCondition(dialect, range)),
)

export function toNamespaceRange(catalog: string, namespace: Namespace): NamespaceRange {
  const name = toDottedName(namespace)
  return { catalog, namespace: name, start: `${name}.`, end: `${name}/` }
}

/**
 * A namespace exists when a row of either table is in it or below it. "Below" is a range of text, from `ns.` up to
 * `ns/` (the character after the dot): it is exact and uses the index; LIKE would ignore case.
 */
export function namespaceExistsCondition(dialect: Dialect, range: NamespaceRange): Expression<SqlBool> {
  return sql<SqlBool>`(exists ${selectTablesIn(dialect, range)} or exists ${selectTablesBelow(dialect, range)} or exists ${selectPropertiesIn(dialect, range)} or exists ${selectPropertiesBelow(dialect, range)})`
}

function selectTablesIn({ db, bytes }: Dialect, { catalog, namespace }: NamespaceRange) {
  return db
    .selectFrom('iceberg_tables as held')
    .select(sql.lit(1).as('one'))
    .where(bytes('held.catalog_name'), '=', catalog)
    .where(bytes('held.table_namespace'), '=', namespace)
}

function selectTablesBelow({ db, bytes }: Dialect, { catalog, start, end }: NamespaceRange) {
  return db
    .selectFrom('iceberg_tables as held')
    .select(sql.lit(1).as('one'))
    .where(bytes('held.catalog_name'), '=', catalog)
    .where(bytes('held.table_namespace'), '>=', start)
    .where(bytes('held.table_namespace'), '<', end)
}

function selectPropertiesIn({ db, bytes }: Dialect, { catalog, namespace }: NamespaceRange) {
  return db
    .selectFrom('iceberg_namespace_properties as held')
    .select(sql.lit(1).as('one'))
    .where(bytes('held.catalog_name'), '=', catalog)
    .where(bytes('held.namespace'), '=', namespace)
}

function selectPropertiesBelow({ db, bytes }: Dialect, { catalog, start, end }: NamespaceRange) {
  return db
    .selectFrom('iceberg_namespace_properties as held')
    .select(sql.lit(1).as('one'))
    .where(bytes('held.catalog_name'), '=', catalog)
    .where(bytes('held.namespace'), '>=', start)
    .where(bytes('held.namespace'), '<', end)
}

/** The row that protects the namespace, by the rule of `isProtected`. */
function selectProtectionOf(dialect: Dialect, range: NamespaceRange) {
  return selectPropertiesIn(dialect, range)
    .where(dialect.bytes('held.property_key'), '=', PROTECTED_PROPERTY)
    .where(({ fn, ref }) => fn<string>('lower', [fn('trim', [ref('held.property_value')])]), '=', 'true')
}

/** As written, with the `exists` marker of an empty namespace. */
export async function readNamespaceProperties(
  database: Database,
  catalog: string,
  namespace: Namespace,
): Promise<{ key: string; value: string | null }[]> {
  return database.read(namespaceProperties({ catalog, namespace: toDottedName(namespace) }))
}

const namespaceProperties = preparedQuery(
  ({ db, bytes }, { catalog, namespace }: { catalog: string; namespace: string }) =>
    db
      .selectFrom('iceberg_namespace_properties')
      .select(['property_key as key', 'property_value as value'])
      .where(bytes('catalog_name'), '=', catalog)
      .where(bytes('namespace'), '=', namespace)
      .orderBy(bytes('property_key')),
)

function propertyRow(catalog: string, namespace: Namespace, key: string, value: string) {
  return { catalog_name: catalog, namespace: toDottedName(namespace), property_key: key, property_value: value }
}

/** Changes no row when the namespace already exists. */
export function insertNamespace(catalog: string, namespace: Namespace): Change {
  return change(
    (dialect) =>
      insertIf(
        dialect,
        'iceberg_namespace_properties',
        propertyRow(catalog, namespace, 'exists', 'true'),
        sql<SqlBool>`not ${namespaceExistsCondition(dialect, toNamespaceRange(catalog, namespace))}`,
      ),
    { expectedRows: 1, guards: ['catalog'] },
  )
}

export function insertNamespaceProperty(catalog: string, namespace: Namespace, key: string, value: string): Change {
  return change(
    ({ db }) => db.insertInto('iceberg_namespace_properties').values(propertyRow(catalog, namespace, key, value)),
    { expectedRows: 1 },
  )
}

/** Changes no row when the namespace does not exist. */
export function setNamespaceProperty(catalog: string, namespace: Namespace, key: string, value: string): Change {
  return change(
    (dialect) =>
      insertIf(
        dialect,
        'iceberg_namespace_properties',
        propertyRow(catalog, namespace, key, value),
        namespaceExistsCondition(dialect, toNamespaceRange(catalog, namespace)),
      ).onConflict((conflict) =>
        conflict
          .columns(['catalog_name', 'namespace', 'property_key'])
          .doUpdateSet(({ ref }) => ({ property_value: ref('excluded.property_value') })),
      ),
    { expectedRows: 1, guards: ['catalog'] },
  )
}

export function deleteNamespaceProperty(catalog: string, namespace: Namespace, key: string): Change {
  return change(
    ({ db }) =>
      db
        .deleteFrom('iceberg_namespace_properties')
        .where('catalog_name', '=', catalog)
        .where('namespace', '=', toDottedName(namespace))
        .where('property_key', '=', key),
    { expectedRows: 1 },
  )
}

/** Keeps a namespace without properties from disappearing with its last table. */
export function insertNamespaceMarker(catalog: string, namespace: Namespace): Change {
  return change(({ db }) =>
    db
      .insertInto('iceberg_namespace_properties')
      .values({
        catalog_name: catalog,
        namespace: toDottedName(namespace),
        property_key: 'exists',
        property_value: 'true',
      })
      .onConflict((conflict) => conflict.doNothing()),
  )
}

/**
 * Changes no row when a table, a view or a namespace is in it, when it is protected, or when its number of properties is
 * different.
 */
export function deleteEmptyNamespace(catalog: string, namespace: Namespace, propertyCount: number): Change {
  const range = toNamespaceRange(catalog, namespace)
  return change(
    (dialect) =>
      dialect.db
        .deleteFrom('iceberg_namespace_properties')
        .where('catalog_name', '=', catalog)
        .where('namespace', '=', range.namespace)
        .where(({ not, exists }) => not(exists(selectTablesIn(dialect, range))))
        .where(({ not, exists }) => not(exists(selectTablesBelow(dialect, range))))
        .where(({ not, exists }) => not(exists(selectPropertiesBelow(dialect, range))))
        .where(({ not, exists }) => not(exists(selectProtectionOf(dialect, range)))),
    { expectedRows: propertyCount, guards: ['catalog'] },
  )
}
