import 'server-only'
import type { DatabaseSync } from 'node:sqlite'

/**
 * The two tables of Iceberg's SQL catalog (JDBC catalog, schema version V1), exactly as Java creates them, so that
 * PyIceberg and Java can open the same file.
 */
const ICEBERG_TABLES = `CREATE TABLE IF NOT EXISTS iceberg_tables(
  catalog_name VARCHAR(255) NOT NULL,
  table_namespace VARCHAR(255) NOT NULL,
  table_name VARCHAR(255) NOT NULL,
  metadata_location VARCHAR(1000),
  previous_metadata_location VARCHAR(1000),
  iceberg_type VARCHAR(5),
  PRIMARY KEY (catalog_name, table_namespace, table_name))`

const ICEBERG_NAMESPACE_PROPERTIES = `CREATE TABLE IF NOT EXISTS iceberg_namespace_properties(
  catalog_name VARCHAR(255) NOT NULL,
  namespace VARCHAR(255) NOT NULL,
  property_key VARCHAR(255),
  property_value VARCHAR(1000),
  PRIMARY KEY (catalog_name, namespace, property_key))`

/**
 * An index of our own on a table that other programs share. Which table has a folder is a range query over metadata
 * locations, and it runs whenever a table is created.
 */
const TABLES_BY_LOCATION = `CREATE INDEX IF NOT EXISTS lakeshore_tables_by_location
  ON iceberg_tables (metadata_location)`

/** Whether both tables exist in the shape that this program reads. */
export function hasCatalogTables(database: DatabaseSync): boolean {
  return (
    hasColumn(database, 'iceberg_tables', 'iceberg_type') &&
    hasColumn(database, 'iceberg_namespace_properties') &&
    database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'lakeshore_tables_by_location'").get() !== undefined
  )
}

/**
 * Creates missing tables; call it in a transaction. A table created by an older PyIceberg (V0) gets its type column.
 */
export function createCatalogTables(database: DatabaseSync): void {
  database.exec(ICEBERG_TABLES)
  database.exec(ICEBERG_NAMESPACE_PROPERTIES)
  if (!hasColumn(database, 'iceberg_tables', 'iceberg_type')) {
    database.exec('ALTER TABLE iceberg_tables ADD COLUMN iceberg_type VARCHAR(5)')
  }
  database.exec(TABLES_BY_LOCATION)
}

function hasColumn(database: DatabaseSync, table: string, column?: string): boolean {
  const columns = database.prepare('SELECT name FROM pragma_table_info(?)').all(table)
  return columns.length > 0 && (column === undefined || columns.some(({ name }) => name === column))
}
