import 'server-only'
import type { Namespace, TableIdentifier } from '@/lib/names/identifiers'
import type { Resource } from '@/lib/permissions'
import type { Change } from '../database'
import { change, type Dialect } from '../statement'
import { resourceColumns } from './resource-columns'

/**
 * Grants name tables and namespaces. They follow a table to its new name, and are removed when it is dropped, so that a
 * later table of the name does not inherit them.
 */

/** If a holder has a role under both names, the one under the old name counts. */
export function moveGrantsChanges(from: TableIdentifier, to: TableIdentifier): Change[] {
  const [old, renamed] = [resourceColumns(from), resourceColumns(to)]
  if (old.catalog === renamed.catalog && old.namespace === renamed.namespace && old.table_name === renamed.table_name) {
    return []
  }
  const replace = change(
    (dialect) =>
      deleteOn(dialect, to).where(({ exists, selectFrom, ref }) =>
        exists(
          selectFrom('grants as moved')
            .select('moved.id')
            .where('moved.catalog', '=', old.catalog)
            .where('moved.namespace', '=', old.namespace)
            .where('moved.table_name', '=', old.table_name)
            .where('moved.holder_kind', '=', ref('grants.holder_kind'))
            .where('moved.holder_id', '=', ref('grants.holder_id')),
        ),
      ),
    { guards: ['access'] },
  )
  const move = change(
    ({ db }) =>
      db
        .updateTable('grants')
        .set(renamed)
        .where('catalog', '=', old.catalog)
        .where('namespace', '=', old.namespace)
        .where('table_name', '=', old.table_name),
    { guards: ['access'] },
  )
  return [replace, move]
}

/** The removal of the grants on a table or view that is dropped. */
export function dropTableGrantsChange(table: TableIdentifier): Change {
  return change((dialect) => deleteOn(dialect, table), { guards: ['access'] })
}

/** The removal of the grants on a namespace that is dropped, and on all names in it. */
export function dropNamespaceGrantsChange(catalog: string, namespace: Namespace): Change {
  const { namespace: joined } = resourceColumns({ catalog, namespace })
  return change(
    ({ db }) =>
      db
        .deleteFrom('grants')
        .where('catalog', '=', catalog)
        .where((eb) =>
          eb.or([
            eb('namespace', '=', joined),
            eb.and([eb('namespace', '>=', `${joined}\x1F`), eb('namespace', '<', `${joined}\x20`)]),
          ]),
        ),
    { guards: ['access'] },
  )
}

function deleteOn({ db }: Dialect, on: Resource) {
  const { catalog, namespace, table_name } = resourceColumns(on)
  return db
    .deleteFrom('grants')
    .where('catalog', '=', catalog)
    .where('namespace', '=', namespace)
    .where('table_name', '=', table_name)
}
