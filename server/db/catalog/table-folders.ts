import 'server-only'
import { type Expression, type SqlBool, sql } from 'kysely'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { type CatalogKey, toCatalogKey, toTableIdentifier } from './catalog-key'
import type { Change, Database } from '../database'
import { change, type Dialect, query } from '../statement'

/**
 * Folders of tables and views. A row names a metadata file, and with it the folder that has it in `metadata`; what else
 * a table has for itself, by properties such as `write.data.path`, each of our commits records in a table of our own.
 * A record of a name that no row has does not count: another program dropped that table. What another program commits
 * is recorded with our next commit.
 *
 * Here folders are texts. How one folder may be spelled, and which folders a change takes, is the catalog's to say.
 */

/**
 * What no other table or view may have for a change to be made. Every prefix is a folder with a slash at its end.
 *
 * An empty claim is always free.
 */
export type FolderClaim = {
  /** Prefixes that no metadata file of another starts with. */
  metadataPrefixes: readonly string[]
  /**
   * Prefixes that no metadata file of another starts with, but for those in a folder `metadata` further below: they
   * belong to a table named `metadata`, or to one of a namespace with that name.
   */
  directMetadataPrefixes: readonly string[]
  /** Prefixes that no recorded folder of another starts with. */
  folderPrefixes: readonly string[]
  /** Folders that are recorded for no other. */
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

/** Whether nobody but this table has what the claim names, of any catalog in the database. */
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

/** The condition of {@link isClaimFree}, for the change that rests on it. */
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

/** Records of names that a row has. */
function selectLiveRecords({ db, bytes }: Dialect) {
  return db.selectFrom('table_folders as recorded').innerJoin('iceberg_tables as named', (join) =>
    join
      .on(({ eb, ref }) => eb(bytes('named.catalog_name'), '=', ref('recorded.catalog')))
      .on(({ eb, ref }) => eb(bytes('named.table_namespace'), '=', ref('recorded.namespace')))
      .on(({ eb, ref }) => eb(bytes('named.table_name'), '=', ref('recorded.table_name'))),
  )
}

/**
 * Records all that a table has, in place of what it had. A folder that is not free stays its owner's: a table that
 * named it as its own before that was refused must not come to the owner's files by it.
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
        dialect.db
          .insertInto('table_folders')
          .columns(['catalog', 'namespace', 'table_name', 'folder'])
          .expression(({ val }) =>
            dialect.db
              .selectNoFrom([
                val(catalog).as('catalog'),
                val(namespace).as('namespace'),
                val(name).as('table_name'),
                val(folder).as('folder'),
              ])
              .where(claimFreeCondition(dialect, identifier, claim)),
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

/** What is still recorded for the new name is of a table that another program dropped. */
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

/** Tables and views, of any catalog in the database, with a recorded folder that is or starts with this one. */
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
 * As a range of text, which an index answers exactly where LIKE would ignore case.
 *
 * @param prefix with a slash at its end: what starts with it sorts before the same text with `0`, the character after
 *   the slash, in its place
 */
export function startsWith(text: Expression<string>, prefix: string): Expression<SqlBool> {
  return sql<SqlBool>`(${text} >= ${prefix} and ${text} < ${`${prefix.slice(0, -1)}0`})`
}

function isEqual(column: string, value: string): Expression<SqlBool> {
  return sql<SqlBool>`${sql.ref(column)} = ${value}`
}
