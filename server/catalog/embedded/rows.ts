import 'server-only'
import type { Namespace, TableRef } from '@/lib/iceberg/identifiers'
import type { Database, Statement } from '@/server/db/database'
import { spellingsOf } from '@/server/storage/location-gate'
import { type FreeFolders, freeOfRecorded, readRecorded } from './folder-rows'
import { dotted } from './names'

/**
 * Questions to and changes of the SQL catalog's two tables, in the words that Java's JdbcCatalog and PyIceberg use.
 * Every change expects exactly one row: that is the compare-and-swap.
 *
 * A row's type is TABLE, VIEW or null (older writers); null means table.
 */

export type TableRow = { metadataLocation: string | null; previousMetadataLocation: string | null; isView: boolean }

/** What a row is. Both kinds share one space of names. */
export type RowKind = 'table' | 'view'

const IS_KIND: Record<RowKind, string> = {
  table: "(iceberg_type = 'TABLE' OR iceberg_type IS NULL)",
  view: "iceberg_type = 'VIEW'",
}

/**
 * A namespace is there when a row of either table is in it or below it. "Below" is a range of text, from `ns.` up to
 * `ns/` (the character after the dot): exact and by the index, where LIKE would ignore case.
 */
const NAMESPACE_IS_THERE = `(
  EXISTS (SELECT 1 FROM iceberg_tables WHERE catalog_name = ?1
    AND (table_namespace = ?2 OR (table_namespace >= ?2 || '.' AND table_namespace < ?2 || '/')))
  OR EXISTS (SELECT 1 FROM iceberg_namespace_properties WHERE catalog_name = ?1
    AND (namespace = ?2 OR (namespace >= ?2 || '.' AND namespace < ?2 || '/'))))`

/** Rows that a question about a folder looks for: one is enough to know that it is not free. */
const MOST_FOUND = 10

/** Namespaces of both tables as they are written, all of them or those below `parent`, in order. */
export function readNamespaces(database: Database, catalog: string, parent: Namespace | null): string[] {
  const below = parent === null ? '' : 'AND name >= ?2 AND name < ?3'
  const range = parent === null ? [] : [`${dotted(parent)}.`, `${dotted(parent)}/`]
  return database
    .read<{ name: string }>(
      `SELECT name FROM (
        SELECT DISTINCT table_namespace AS name FROM iceberg_tables WHERE catalog_name = ?1
        UNION SELECT DISTINCT namespace FROM iceberg_namespace_properties WHERE catalog_name = ?1
      ) WHERE true ${below} ORDER BY name`,
      [catalog, ...range],
    )
    .map(({ name }) => name)
}

export function isNamespaceThere(database: Database, catalog: string, namespace: Namespace): boolean {
  return database.read(`SELECT 1 AS there WHERE ${NAMESPACE_IS_THERE}`, [catalog, dotted(namespace)]).length > 0
}

/** As written, with the `exists` marker of an empty namespace. */
export function readNamespaceProperties(database: Database, catalog: string, namespace: Namespace) {
  return database.read<{ key: string; value: string | null }>(
    `SELECT property_key AS key, property_value AS value FROM iceberg_namespace_properties
      WHERE catalog_name = ? AND namespace = ? ORDER BY property_key`,
    [catalog, dotted(namespace)],
  )
}

/** Null where there is no row of this name. */
export function readTableRow(database: Database, ref: TableRef): TableRow | null {
  const [row] = database.read<{ location: string | null; previous: string | null; type: string | null }>(
    `SELECT metadata_location AS location, previous_metadata_location AS previous, iceberg_type AS type
      FROM iceberg_tables WHERE catalog_name = ? AND table_namespace = ? AND table_name = ?`,
    key(ref),
  )
  if (!row) return null
  return { metadataLocation: row.location, previousMetadataLocation: row.previous, isView: row.type === 'VIEW' }
}

/** Tables or views directly in a namespace, in name order. */
export function readNames(database: Database, catalog: string, namespace: Namespace, kind: RowKind): string[] {
  return database
    .read<{ name: string }>(
      `SELECT table_name AS name FROM iceberg_tables
        WHERE catalog_name = ? AND table_namespace = ? AND ${IS_KIND[kind]} ORDER BY table_name`,
      [catalog, dotted(namespace)],
    )
    .map(({ name }) => name)
}

/**
 * Tables and views, of any catalog in the file, that have a folder or their metadata below `location`, or one of
 * `ancestors` as a folder. At most 10 that have their metadata there, and 10 by their folders.
 */
export function readRowsWithin(database: Database, location: string, ancestors: readonly string[]): TableRef[] {
  const found = [location, ...ancestors.map((folder) => `${folder}/metadata`)].flatMap((folder) =>
    readRowsBelow(database, folder),
  )
  const recorded = [
    ...readRecorded(database, location, { orBelow: true, most: MOST_FOUND }),
    ...ancestors.flatMap((folder) => readRecorded(database, folder, { orBelow: false, most: MOST_FOUND })),
  ]
  return [...found.slice(0, MOST_FOUND), ...recorded.slice(0, MOST_FOUND)]
}

/**
 * Tables and views, of any catalog in the file, whose folder this is: they have their metadata in its own, or say so by
 * a property. At most 10 of each.
 */
export function readRowsBeside(database: Database, folder: string): TableRef[] {
  return [
    ...readRowsBelow(database, `${folder}/metadata`),
    ...readRecorded(database, folder, { orBelow: false, most: MOST_FOUND }),
  ]
}

/**
 * True when no other table or view, of any catalog in the file, has a folder or its metadata in one of `folders`, or one
 * of `ancestors` as a folder or its metadata in the metadata folder of one. What is in a metadata folder further below belongs to a table that is named `metadata`,
 * or to one of a namespace with that name.
 */
export function freeFolders(ref: TableRef, folders: readonly string[], ancestors: readonly string[]): FreeFolders {
  const ranges = [
    ...folders.flatMap(spellingsOf).map((text) => [`${text}/`, `${text}0`, 0]), // '0' follows '/'
    ...ancestors.flatMap(spellingsOf).map((text) => [`${text}/metadata/`, `${text}/metadata0`, 1]),
  ]
  const recorded = freeOfRecorded(ref, folders, ancestors)
  return {
    sql: `NOT EXISTS (SELECT 1 FROM json_each(?) AS folder, iceberg_tables AS other
      WHERE other.metadata_location >= folder.value ->> 0 AND other.metadata_location < folder.value ->> 1
        AND (folder.value ->> 2 = 0
          OR instr(substr(other.metadata_location, length(folder.value ->> 0)), '/metadata/') = 0)
        AND NOT (other.catalog_name = ? AND other.table_namespace = ? AND other.table_name = ?))
      AND ${recorded.sql}`,
    params: [JSON.stringify(ranges), ...key(ref), ...recorded.params],
  }
}

export function isTrue(database: Database, { sql, params }: FreeFolders): boolean {
  return database.read(`SELECT 1 AS isTrue WHERE ${sql}`, params).length > 0
}

/** However others wrote the location down. */
function readRowsBelow(database: Database, folder: string): TableRef[] {
  return spellingsOf(folder)
    .flatMap((text) =>
      database.read<{ catalog: string; namespace: string; name: string }>(
        `SELECT catalog_name AS catalog, table_namespace AS namespace, table_name AS name FROM iceberg_tables
          WHERE metadata_location >= ? AND metadata_location < ? LIMIT ${MOST_FOUND}`,
        [`${text}/`, `${text}0`], // '0' follows '/'
      ),
    )
    .slice(0, MOST_FOUND)
    .map(({ catalog, namespace, name }) => ({ catalog, namespace: namespace.split('.'), table: name }))
}

/** Changes no row when the namespace is there already. */
export function insertNamespace(catalog: string, namespace: Namespace): Statement {
  return {
    sql: `INSERT INTO iceberg_namespace_properties (catalog_name, namespace, property_key, property_value)
      SELECT ?1, ?2, 'exists', 'true' WHERE NOT ${NAMESPACE_IS_THERE}`,
    params: [catalog, dotted(namespace)],
    expectedChanges: 1,
  }
}

export function insertNamespaceProperty(catalog: string, namespace: Namespace, name: string, value: string): Statement {
  return {
    sql: `INSERT INTO iceberg_namespace_properties (catalog_name, namespace, property_key, property_value)
      VALUES (?, ?, ?, ?)`,
    params: [catalog, dotted(namespace), name, value],
    expectedChanges: 1,
  }
}

export function setNamespaceProperty(catalog: string, namespace: Namespace, name: string, value: string): Statement {
  return {
    sql: `INSERT INTO iceberg_namespace_properties (catalog_name, namespace, property_key, property_value)
      SELECT ?1, ?2, ?3, ?4 WHERE ${NAMESPACE_IS_THERE}
      ON CONFLICT DO UPDATE SET property_value = excluded.property_value`,
    params: [catalog, dotted(namespace), name, value],
    expectedChanges: 1,
  }
}

export function deleteNamespaceProperty(catalog: string, namespace: Namespace, name: string): Statement {
  return {
    sql: `DELETE FROM iceberg_namespace_properties WHERE catalog_name = ? AND namespace = ? AND property_key = ?`,
    params: [catalog, dotted(namespace), name],
    expectedChanges: 1,
  }
}

/** Keeps a namespace alive that had no properties of its own. */
export function markNamespace(catalog: string, namespace: Namespace): Statement {
  return {
    sql: `INSERT INTO iceberg_namespace_properties (catalog_name, namespace, property_key, property_value)
      VALUES (?, ?, 'exists', 'true') ON CONFLICT DO NOTHING`,
    params: [catalog, dotted(namespace)],
  }
}

/** Changes no row when a table, a view or a namespace is in it, or when it has not this many properties. */
export function deleteEmptyNamespace(catalog: string, namespace: Namespace, propertyCount: number): Statement {
  return {
    sql: `DELETE FROM iceberg_namespace_properties WHERE catalog_name = ?1 AND namespace = ?2
      AND NOT EXISTS (SELECT 1 FROM iceberg_tables WHERE catalog_name = ?1
        AND (table_namespace = ?2 OR (table_namespace >= ?2 || '.' AND table_namespace < ?2 || '/')))
      AND NOT EXISTS (SELECT 1 FROM iceberg_namespace_properties WHERE catalog_name = ?1
        AND namespace >= ?2 || '.' AND namespace < ?2 || '/')`,
    params: [catalog, dotted(namespace)],
    expectedChanges: propertyCount,
  }
}

const ALWAYS: FreeFolders = { sql: 'true', params: [] }

/** Changes no row when the name is taken, the namespace is not there or a folder is not free. */
export function insertRow(ref: TableRef, metadataLocation: string, kind: RowKind, free = ALWAYS): Statement {
  return {
    sql: `INSERT INTO iceberg_tables
        (catalog_name, table_namespace, table_name, metadata_location, previous_metadata_location, iceberg_type)
      SELECT ?1, ?2, ?3, ?4, NULL, ?5 WHERE ${NAMESPACE_IS_THERE} AND ${free.sql}
      ON CONFLICT DO NOTHING`,
    params: [...key(ref), metadataLocation, kind === 'table' ? 'TABLE' : 'VIEW', ...free.params],
    expectedChanges: 1,
  }
}

/** The commit: changes no row when the metadata is not `from` any more or a folder is not free. */
export function swapMetadata(ref: TableRef, from: string, to: string, kind: RowKind, free = ALWAYS): Statement {
  return {
    sql: `UPDATE iceberg_tables SET metadata_location = ?, previous_metadata_location = ?
      WHERE catalog_name = ? AND table_namespace = ? AND table_name = ? AND metadata_location = ? AND ${IS_KIND[kind]}
        AND ${free.sql}`,
    params: [to, from, ...key(ref), from, ...free.params],
    expectedChanges: 1,
  }
}

/** The row as it was read: changes none when its metadata is not `metadataLocation` any more. */
export function holdRow(ref: TableRef, metadataLocation: string): Statement {
  return {
    sql: `UPDATE iceberg_tables SET metadata_location = metadata_location
      WHERE catalog_name = ? AND table_namespace = ? AND table_name = ? AND metadata_location = ? AND ${IS_KIND.table}`,
    params: [...key(ref), metadataLocation],
    expectedChanges: 1,
  }
}

/** Changes no row when the source is gone, the target's name is taken or its namespace is not there. */
export function renameRow(from: TableRef, to: TableRef, kind: RowKind): Statement {
  return {
    sql: `UPDATE OR IGNORE iceberg_tables SET table_namespace = ?2, table_name = ?3
      WHERE catalog_name = ?1 AND table_namespace = ?4 AND table_name = ?5 AND ${IS_KIND[kind]} AND ${NAMESPACE_IS_THERE}`,
    params: [...key(to), dotted(from.namespace), from.table],
    expectedChanges: 1,
  }
}

/** Changes no row when its metadata is not `metadataLocation` any more. */
export function deleteRow(ref: TableRef, metadataLocation: string | null, kind: RowKind): Statement {
  return {
    sql: `DELETE FROM iceberg_tables
      WHERE catalog_name = ? AND table_namespace = ? AND table_name = ? AND metadata_location IS ? AND ${IS_KIND[kind]}`,
    params: [...key(ref), metadataLocation],
    expectedChanges: 1,
  }
}

function key({ catalog, namespace, table }: TableRef): [string, string, string] {
  return [catalog, dotted(namespace), table]
}
