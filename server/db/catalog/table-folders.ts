import 'server-only'
import { type Expression, type SqlBool, sql } from 'kysely'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { type CatalogKey, toCatalogKey, toTableIdentifier } from './catalog-key'
import type { Change, Database } from '../database'
import { insertIf } from '../insert-if'
import { change, type Dialect, query } from '../statement'

/**
 * Folders of tables and views. The catalog's row of a table names a metadata file, and thereby the folder that contains
 * it in `metadata`. Other folders that belong to the table, by properties such as `write.data.path`, are recorded by
 * our commits in a separate table. A record without a catalog row does not count: another program dropped that table.
 * Our next commit records folders that another program added.
 *
 * Here folders are text. The catalog decides how a folder may be written, and which folders a change claims.
 */

/**
 * Folders that no other table or view may have when a change is made. Every prefix is a folder that ends with a slash.
 *
 * An empty claim is always free.
 */
export type FolderClaim = {
  /** No metadata file of another table starts with these prefixes. */
  metadataPrefixes: readonly string[]
  /**
   * No metadata file of another table starts with these prefixes, except for those in a deeper folder `metadata`: they
   * belong to a table named `metadata`, or to one in a namespace of that name.
   */
  directMetadataPrefixes: readonly string[]
  /** No recorded folder of another table starts with these prefixes. */
  folderPrefixes: readonly string[]
  /** Folders that are recorded for no other table. */
  folders: readonly string[]
}

export const NO_CLAIM: FolderClaim = {
  metadataPrefixes: [],
  directMetadataPrefixes: [],
  folderPrefixes: [],
  folders: [],
}

export function isEmptyClaim(claim: FolderClaim): boolean {
  return Object.values(claim).every((prefixes) => prefixes.length === 0)
}

/** Whether no other table of any catalog in the database has the folders of the claim. */
export async function isClaimFree(
  database: Database,
  identifier: TableIdentifier,
  claim: FolderClaim,
): Promise<boolean> {
  const rows = await database.read(
    query((dialect) =>
      dialect.db.selectNoFrom(sql<number>`1`.as('free')).where(claimFreeCondition(dialect, identifier, claim)),
    ),
  )
  return rows.length > 0
}

/** The condition of {@link isClaimFree}, for the change that depends on it. */
export function claimFreeCondition(
  dialect: Dialect,
  identifier: TableIdentifier,
  claim: FolderClaim,
): Expression<SqlBool> {
  const key = toCatalogKey(identifier)
  const conditions = [noOtherMetadata(dialect, key, claim), noOtherRecord(dialect, key, claim)].filter(
    (condition) => condition !== null,
  )
  return conditions.length === 0 ? sql<SqlBool>`1 = 1` : sql<SqlBool>`${sql.join(conditions, sql` and `)}`
}

function noOtherMetadata(
  { db, bytes, position }: Dialect,
  key: CatalogKey,
  { metadataPrefixes, directMetadataPrefixes }: FolderClaim,
): Expression<SqlBool> | null {
  const location = bytes('other.metadata_location')
  const ranges = [
    ...metadataPrefixes.map((prefix) => startsWith(location, prefix)),
    ...directMetadataPrefixes.map((prefix) => {
      // From the last slash of the prefix on.
      const below = sql<string>`substr(${location}, ${sql.lit(Array.from(prefix).length)})`
      return sql<SqlBool>`(${startsWith(location, prefix)} and ${position(below, sql.lit('/metadata/'))} = 0)`
    }),
  ]
  if (ranges.length === 0) return null
  const others = db
    .selectFrom('iceberg_tables as other')
    .select(sql.lit(1).as('one'))
    .where(sql<SqlBool>`(${sql.join(ranges, sql` or `)})`)
    .where(({ not, and }) =>
      not(
        and([
          isEqual('other.catalog_name', key.catalog),
          isEqual('other.table_namespace', key.namespace),
          isEqual('other.table_name', key.name),
        ]),
      ),
    )
  return sql<SqlBool>`not exists ${others}`
}

function noOtherRecord(
  dialect: Dialect,
  key: CatalogKey,
  { folderPrefixes, folders }: FolderClaim,
): Expression<SqlBool> | null {
  const folder = sql.ref<string>('recorded.folder')
  const ranges = [
    ...folderPrefixes.map((prefix) => startsWith(folder, prefix)),
    ...(folders.length === 0 ? [] : [sql<SqlBool>`${folder} in (${sql.join(folders)})`]),
  ]
  if (ranges.length === 0) return null
  const others = selectLiveRecords(dialect)
    .select(sql.lit(1).as('one'))
    .where(sql<SqlBool>`(${sql.join(ranges, sql` or `)})`)
    .where(({ not, and }) =>
      not(
        and([
          isEqual('recorded.catalog', key.catalog),
          isEqual('recorded.namespace', key.namespace),
          isEqual('recorded.table_name', key.name),
        ]),
      ),
    )
  return sql<SqlBool>`not exists ${others}`
}

/** Records whose table or view exists. */
export function selectLiveRecords({ db, bytes }: Dialect) {
  return db.selectFrom('table_folders as recorded').innerJoin('iceberg_tables as named', (join) =>
    join
      .on(({ eb, ref }) => eb(bytes('named.catalog_name'), '=', ref('recorded.catalog')))
      .on(({ eb, ref }) => eb(bytes('named.table_namespace'), '=', ref('recorded.namespace')))
      .on(({ eb, ref }) => eb(bytes('named.table_name'), '=', ref('recorded.table_name'))),
  )
}

/**
 * Records all folders of a table, replacing what was recorded before. A folder that is not free stays with its owner: a
 * table may have named it before such names were refused, and must not get access to the owner's files.
 *
 * @param folders each with a slash at its end
 */
export function recordFolders(
  identifier: TableIdentifier,
  folders: readonly { folder: string; claim: FolderClaim }[],
): Change[] {
  const { catalog, namespace, name } = toCatalogKey(identifier)
  const inserts = folders.map(({ folder, claim }) =>
    change(
      (dialect) =>
        insertIf(
          dialect,
          'table_folders',
          { catalog, namespace, table_name: name, folder },
          claimFreeCondition(dialect, identifier, claim),
        ),
      { guards: ['catalog'] },
    ),
  )
  return [deleteFolders(identifier), ...inserts]
}

export function deleteFolders(identifier: TableIdentifier): Change {
  const { catalog, namespace, name } = toCatalogKey(identifier)
  return change(({ db }) =>
    db
      .deleteFrom('table_folders')
      .where('catalog', '=', catalog)
      .where('namespace', '=', namespace)
      .where('table_name', '=', name),
  )
}

/** Records that are left under the new name belong to a table that another program dropped, so they are removed. */
export function renameFolders(from: TableIdentifier, to: TableIdentifier): Change[] {
  const [old, renamed] = [toCatalogKey(from), toCatalogKey(to)]
  const move = change(({ db }) =>
    db
      .updateTable('table_folders')
      .set({ namespace: renamed.namespace, table_name: renamed.name })
      .where('catalog', '=', old.catalog)
      .where('namespace', '=', old.namespace)
      .where('table_name', '=', old.name),
  )
  const isSame = old.namespace === renamed.namespace && old.name === renamed.name
  return isSame ? [] : [deleteFolders(to), move]
}

/** Tables and views, of any catalog in the database, with a recorded folder that is this one or starts with it. */
export async function readFolderOwners(
  database: Database,
  { folders, prefixes, limit }: { folders: readonly string[]; prefixes: readonly string[]; limit: number },
): Promise<TableIdentifier[]> {
  const rows = await database.read(
    query((dialect) => {
      const folder = sql.ref<string>('recorded.folder')
      const ranges = [
        ...prefixes.map((prefix) => startsWith(folder, prefix)),
        ...(folders.length === 0 ? [] : [sql<SqlBool>`${folder} in (${sql.join(folders)})`]),
      ]
      return selectLiveRecords(dialect)
        .select(['recorded.catalog', 'recorded.namespace', 'recorded.table_name as name'])
        .distinct()
        .where(sql<SqlBool>`(${sql.join(ranges, sql` or `)})`)
        .limit(limit)
    }),
  )
  return rows.map(toTableIdentifier)
}

/**
 * Compares as a range of text, which an index answers exactly; LIKE would ignore case.
 *
 * @param prefix with a slash at its end: text that starts with it sorts before the same text with `0`, the character
 *   after the slash, instead of the slash
 */
export function startsWith(text: Expression<string>, prefix: string): Expression<SqlBool> {
  return sql<SqlBool>`(${text} >= ${prefix} and ${text} < ${`${prefix.slice(0, -1)}0`})`
}

function isEqual(column: string, value: string): Expression<SqlBool> {
  return sql<SqlBool>`${sql.ref(column)} = ${value}`
}
