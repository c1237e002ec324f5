import 'server-only'
import { type Expression, type SqlBool, sql } from 'kysely'
import type { Namespace, TableIdentifier } from '@/lib/names/identifiers'
import { claimFreeCondition, type FolderClaim, isEmptyClaim, NO_CLAIM, startsWith } from './table-folders'
import { toDottedName, toCatalogKey, toTableIdentifier } from './catalog-key'
import { namespaceExistsCondition, toNamespaceRange } from './namespaces'
import type { Change, Database } from '../database'
import { insertIf } from '../insert-if'
import { change, preparedQuery, query } from '../statement'

/**
 * Queries and changes of the SQL catalog's tables and views, by the rules of Java's JdbcCatalog and PyIceberg. Every
 * change expects exactly one row: that is the compare-and-swap.
 *
 * A row's type is TABLE, VIEW or null (older writers); null means table. Another program may have created the tables,
 * so ranges and orders of text name their collation.
 */

export type TableRow = { metadataLocation: string | null; previousMetadataLocation: string | null; isView: boolean }

/** The kind of a row. Both kinds share one namespace for their names. */
export type RowKind = 'table' | 'view'

/** How many rows a query about a folder returns: one is enough to know that the folder is not free. */
const MAX_ROWS_BELOW = 10

const tableRow = preparedQuery(
  ({ db }, { catalog, namespace, name }: { catalog: string; namespace: string; name: string }) =>
    db
      .selectFrom('iceberg_tables')
      .select(['metadata_location as location', 'previous_metadata_location as previous', 'iceberg_type as type'])
      .where('catalog_name', '=', catalog)
      .where('table_namespace', '=', namespace)
      .where('table_name', '=', name),
)

/** Null if the name has no row. */
export async function readTableRow(database: Database, identifier: TableIdentifier): Promise<TableRow | null> {
  const [row] = await database.read(tableRow(toCatalogKey(identifier)))
  if (!row) return null
  return { metadataLocation: row.location, previousMetadataLocation: row.previous, isView: row.type === 'VIEW' }
}

/**
 * Tables or views directly in a namespace, in name order; with `after` those after a name, with `limit` at most that
 * many.
 */
export async function readNames(
  database: Database,
  catalog: string,
  namespace: Namespace,
  kind: RowKind,
  { after = null, limit = null }: { after?: string | null; limit?: number | null } = {},
): Promise<string[]> {
  const rows = await database.read(
    query(({ db, bytes }) =>
      db
        .selectFrom('iceberg_tables')
        .select('table_name as name')
        .where(bytes('catalog_name'), '=', catalog)
        .where(bytes('table_namespace'), '=', toDottedName(namespace))
        .where(isKind(kind))
        .$if(after !== null, (select) => select.where(bytes('table_name'), '>', after))
        .orderBy(bytes('table_name'))
        .$if(limit !== null, (page) => page.limit(limit ?? 0)),
    ),
  )
  return rows.map(({ name }) => name)
}

/** The tables and views directly in a namespace, with their metadata files. */
export async function readVersions(
  database: Database,
  catalog: string,
  namespace: Namespace,
): Promise<{ name: string; metadataLocation: string | null }[]> {
  return database.read(
    query(({ db, bytes }) =>
      db
        .selectFrom('iceberg_tables')
        .select(['table_name as name', 'metadata_location as metadataLocation'])
        .where(bytes('catalog_name'), '=', catalog)
        .where(bytes('table_namespace'), '=', toDottedName(namespace)),
    ),
  )
}

/** All tables of a catalog with their metadata files; views are left out. */
export async function readTableLocations(
  database: Database,
  catalog: string,
): Promise<{ table: TableIdentifier; metadataLocation: string | null }[]> {
  const rows = await database.read(
    query(({ db, bytes }) =>
      db
        .selectFrom('iceberg_tables')
        .select([
          'catalog_name as catalog',
          'table_namespace as namespace',
          'table_name as name',
          'metadata_location as metadataLocation',
        ])
        .where(bytes('catalog_name'), '=', catalog)
        .where(isKind('table')),
    ),
  )
  return rows.map((row) => ({ table: toTableIdentifier(row), metadataLocation: row.metadataLocation }))
}

/** The number of tables and views directly in each of these namespaces; namespaces without any are omitted. */
export async function countRows(
  database: Database,
  catalog: string,
  namespaces: readonly string[],
): Promise<Map<string, { tableCount: number; viewCount: number }>> {
  if (namespaces.length === 0) return new Map()
  const rows = await database.read(
    query(({ db, bytes }) =>
      db
        .selectFrom('iceberg_tables')
        .select(({ fn }) => [
          'table_namespace as namespace',
          fn.countAll<number>().as('row_count'),
          fn.sum<number>(sql<number>`case when ${isKind('view')} then 1 else 0 end`).as('view_count'),
        ])
        .where(bytes('catalog_name'), '=', catalog)
        .where(bytes('table_namespace'), 'in', namespaces)
        .groupBy('table_namespace'),
    ),
  )
  return new Map(
    rows.map(({ namespace, row_count, view_count }) => [
      namespace,
      { tableCount: row_count - view_count, viewCount: view_count },
    ]),
  )
}

/**
 * Tables and views, of any catalog in the database, with a metadata file below one of these folders; at most 10.
 *
 * @param prefixes each with a slash at its end
 */
export async function readRowsBelow(database: Database, prefixes: readonly string[]): Promise<TableIdentifier[]> {
  if (prefixes.length === 0) return []
  const rows = await database.read(
    query(({ db, bytes }) => {
      const location = bytes('metadata_location')
      const ranges = prefixes.map((prefix) => startsWith(location, prefix))
      return db
        .selectFrom('iceberg_tables')
        .select(['catalog_name as catalog', 'table_namespace as namespace', 'table_name as name'])
        .where(sql<SqlBool>`(${sql.join(ranges, sql` or `)})`)
        .limit(MAX_ROWS_BELOW)
    }),
  )
  return rows.map(toTableIdentifier)
}

/** The metadata locations of all tables and views, of any catalog in the database. Reads all rows. */
export async function readMetadataLocations(database: Database): Promise<string[]> {
  const rows = await database.read(
    query(({ db }) => db.selectFrom('iceberg_tables').select('metadata_location as location')),
  )
  return rows.flatMap(({ location }) => location ?? [])
}

/** Changes no row when the name is taken, the namespace does not exist or the claim is not free. */
export function insertRow(
  identifier: TableIdentifier,
  metadataLocation: string,
  kind: RowKind,
  claim: FolderClaim = NO_CLAIM,
): Change {
  const { catalog, namespace, name } = toCatalogKey(identifier)
  const row = {
    catalog_name: catalog,
    table_namespace: namespace,
    table_name: name,
    metadata_location: metadataLocation,
    previous_metadata_location: null,
    iceberg_type: kind === 'table' ? 'TABLE' : 'VIEW',
  }
  return change(
    (dialect) =>
      insertIf(
        dialect,
        'iceberg_tables',
        row,
        namespaceExistsCondition(dialect, toNamespaceRange(identifier.catalog, identifier.namespace)),
        claimFreeCondition(dialect, identifier, claim),
      ).onConflict((conflict) => conflict.doNothing()),
    { expectedRows: 1, guards: ['catalog'] },
  )
}

/** The commit: changes no row when the metadata is no longer `from` or the claim is not free. */
export function swapMetadata(
  identifier: TableIdentifier,
  from: string,
  to: string,
  kind: RowKind,
  claim: FolderClaim = NO_CLAIM,
): Change {
  return change(
    (dialect) =>
      dialect.db
        .updateTable('iceberg_tables')
        .set({ metadata_location: to, previous_metadata_location: from })
        .where(isRow(identifier))
        .where('metadata_location', '=', from)
        .where(isKind(kind))
        .$if(!isEmptyClaim(claim), (update) => update.where(claimFreeCondition(dialect, identifier, claim))),
    { expectedRows: 1, guards: isEmptyClaim(claim) ? [] : ['catalog'] },
  )
}

/** Changes no row when the metadata of the table is no longer `metadataLocation`. */
export function requireUnchangedRow(identifier: TableIdentifier, metadataLocation: string): Change {
  return change(
    ({ db }) =>
      db
        .updateTable('iceberg_tables')
        .set(({ ref: column }) => ({ metadata_location: column('metadata_location') }))
        .where(isRow(identifier))
        .where('metadata_location', '=', metadataLocation)
        .where(isKind('table')),
    { expectedRows: 1 },
  )
}

/** Changes no row if the source does not exist, the target's name is taken or its namespace does not exist. */
export function renameRow(from: TableIdentifier, to: TableIdentifier, kind: RowKind): Change {
  const target = toCatalogKey(to)
  const source = toCatalogKey(from)
  return change(
    (dialect) =>
      dialect.db
        .updateTable('iceberg_tables')
        .set({ table_namespace: target.namespace, table_name: target.name })
        .where(isRow(from))
        .where(isKind(kind))
        .where(namespaceExistsCondition(dialect, toNamespaceRange(to.catalog, to.namespace)))
        .$if(source.namespace !== target.namespace || source.name !== target.name, (update) =>
          update.where(({ not, exists }) =>
            not(
              exists(
                dialect.db
                  .selectFrom('iceberg_tables as taken')
                  .select(sql.lit(1).as('one'))
                  .where('taken.catalog_name', '=', target.catalog)
                  .where('taken.table_namespace', '=', target.namespace)
                  .where('taken.table_name', '=', target.name),
              ),
            ),
          ),
        ),
    { expectedRows: 1, guards: ['catalog'] },
  )
}

/** Changes no row when its metadata is no longer `metadataLocation`. */
export function deleteRow(identifier: TableIdentifier, metadataLocation: string | null, kind: RowKind): Change {
  return change(
    ({ db }) =>
      db
        .deleteFrom('iceberg_tables')
        .where(isRow(identifier))
        .where('metadata_location', 'is not distinct from', metadataLocation)
        .where(isKind(kind)),
    { expectedRows: 1 },
  )
}

function isKind(kind: RowKind): Expression<SqlBool> {
  return kind === 'view'
    ? sql<SqlBool>`iceberg_type = 'VIEW'`
    : sql<SqlBool>`(iceberg_type = 'TABLE' or iceberg_type is null)`
}

/** The condition that selects the row of this table or view in the table that is changed. */
function isRow(identifier: TableIdentifier): Expression<SqlBool> {
  const { catalog, namespace, name } = toCatalogKey(identifier)
  return sql<SqlBool>`(catalog_name = ${catalog} and table_namespace = ${namespace} and table_name = ${name})`
}
