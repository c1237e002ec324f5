import 'server-only'
import type { TableRef } from '@/lib/iceberg/identifiers'
import type { Database, SqlValue, Statement } from '@/server/db/database'
import { spellingsOf } from '@/server/storage/location-gate'
import { dotted } from './names'

/**
 * Folders of tables and views that their rows do not show. A row names a metadata file, and with it the folder that
 * has it in `metadata`; what else a table has for itself, by properties such as `write.data.path`, is written down with
 * each commit of ours, in a table of our own. What is told of a name that no row has, since another program dropped
 * it, does not count; what another program commits is known from our next commit on.
 *
 * A folder is spelt in one way only, and in the database with a slash at its end.
 */

/** A condition of SQL with its parameters, each a plain `?`. */
export type FreeFolders = { sql: string; params: readonly SqlValue[] }

const NAMED = `JOIN iceberg_tables AS named ON named.catalog_name = recorded.catalog
  AND named.table_namespace = recorded.namespace AND named.table_name = recorded.table_name`

/** Of the ways to spell a folder, the one that folders are compared in; without a slash at the end. */
export function spelt(folder: string): string {
  return spellingsOf(folder)[0]?.replace(/\/+$/, '') ?? folder
}

/**
 * All that a table has, in place of what it had. A folder that is not free stays who has it: a table that named it as
 * its own before that was refused must not come to the other's files by it.
 */
export function recordFolders(ref: TableRef, folders: readonly { folder: string; free: FreeFolders }[]): Statement[] {
  return [
    forgetFolders(ref),
    ...folders.map(({ folder, free }) => ({
      sql: `INSERT INTO table_folders (catalog, namespace, table_name, folder) SELECT ?, ?, ?, ? WHERE ${free.sql}`,
      params: [...key(ref), `${spelt(folder)}/`, ...free.params],
    })),
  ]
}

export function forgetFolders(ref: TableRef): Statement {
  return { sql: 'DELETE FROM table_folders WHERE catalog = ? AND namespace = ? AND table_name = ?', params: key(ref) }
}

/** What is still told of the new name is of one that another program dropped. */
export function renameFolders(from: TableRef, to: TableRef): Statement[] {
  return [
    forgetFolders(to),
    {
      sql: `UPDATE table_folders SET namespace = ?, table_name = ?
        WHERE catalog = ? AND namespace = ? AND table_name = ?`,
      params: [dotted(to.namespace), to.table, ...key(from)],
    },
  ]
}

/** True when nobody else has one of `folders` or one in it, or has one of `ancestors`. */
export function freeOfRecorded(ref: TableRef, folders: readonly string[], ancestors: readonly string[]): FreeFolders {
  const ranges = folders.map((folder) => [`${spelt(folder)}/`, `${spelt(folder)}0`]) // '0' follows '/'
  const around = ancestors.map((folder) => `${spelt(folder)}/`)
  return {
    sql: `NOT EXISTS (SELECT 1 FROM json_each(?) AS range
        JOIN table_folders AS recorded
          ON recorded.folder >= range.value ->> 0 AND recorded.folder < range.value ->> 1 ${NAMED}
        WHERE NOT (recorded.catalog = ? AND recorded.namespace = ? AND recorded.table_name = ?))
      AND NOT EXISTS (SELECT 1 FROM json_each(?) AS ancestor
        JOIN table_folders AS recorded ON recorded.folder = ancestor.value ${NAMED}
        WHERE NOT (recorded.catalog = ? AND recorded.namespace = ? AND recorded.table_name = ?))`,
    params: [JSON.stringify(ranges), ...key(ref), JSON.stringify(around), ...key(ref)],
  }
}

/** Tables and views, of any catalog in the file, that have this very folder, or one in it. */
export function readRecorded(
  database: Database,
  folder: string,
  { orBelow, most }: { orBelow: boolean; most: number },
): TableRef[] {
  const at = `${spelt(folder)}/`
  return database
    .read<{ catalog: string; namespace: string; name: string }>(
      `SELECT DISTINCT recorded.catalog, recorded.namespace, recorded.table_name AS name
        FROM table_folders AS recorded ${NAMED}
        WHERE recorded.folder >= ? AND recorded.folder ${orBelow ? '<' : '<='} ? LIMIT ${most}`,
      [at, orBelow ? `${spelt(folder)}0` : at],
    )
    .map(({ catalog, namespace, name }) => ({ catalog, namespace: namespace.split('.'), table: name }))
}

function key({ catalog, namespace, table }: TableRef): [string, string, string] {
  return [catalog, dotted(namespace), table]
}
