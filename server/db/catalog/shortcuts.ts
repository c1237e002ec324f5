import 'server-only'
import { MAX_VISITS } from '@/lib/contract/shapes/plain-values'
import { AppError } from '@/lib/errors'
import { joinNamespace, type Namespace, splitNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import type { Change, Database } from '../database'
import { isBelow, ROW_COUNT } from '../insert-if'
import { change, query } from '../statement'
import type { Tables } from '../tables'
import { tryCommit } from '../try-commit'

/**
 * The favourites of each user, and the tables and views that they visited last. A row that is neither is deleted. Rows
 * are deleted with their user.
 */

/** A saved query is named by its id only. */
export type ShortcutName =
  | { kind: 'table' | 'view'; catalog: string; namespace: Namespace; name: string }
  | { kind: 'namespace'; catalog: string; namespace: Namespace }
  | { kind: 'query'; queryId: string }

/** A name; of a table or a view with its UUID, which stays when it is renamed. */
export type ShortcutTarget =
  | (Extract<ShortcutName, { kind: 'table' | 'view' }> & { uuid: string })
  | Exclude<ShortcutName, { kind: 'table' | 'view' }>

/** `isDropped`: the table or view was dropped, and can be restored. */
export type Shortcut = ShortcutName & { isDropped: boolean }

/** Per user. */
export const MAX_FAVOURITES = 200

/** The favourites of a user, the newest first. */
export async function readFavourites(database: Database, userId: string): Promise<Shortcut[]> {
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('shortcuts')
        .selectAll()
        .where('user_id', '=', userId)
        .where('starred_at_ms', 'is not', null)
        .orderBy('starred_at_ms', 'desc')
        .orderBy('target')
        .limit(MAX_FAVOURITES),
    ),
  )
  return rows.map(toShortcut)
}

/** The tables and views that a user visited last, the last first. */
export async function readVisits(database: Database, userId: string): Promise<Shortcut[]> {
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('shortcuts')
        .selectAll()
        .where('user_id', '=', userId)
        .where('visited_at_ms', 'is not', null)
        .orderBy('visited_at_ms', 'desc')
        .orderBy('target')
        .limit(MAX_VISITS),
    ),
  )
  return rows.map(toShortcut)
}

/**
 * Stars something, unless the user has already starred it.
 *
 * @throws {AppError} invalid-request when the user has the greatest number of favourites
 */
export async function addFavourite(database: Database, userId: string, target: ShortcutTarget): Promise<void> {
  const star = change(
    ({ db, nowMs }) => {
      const own = db
        .selectFrom('shortcuts as own')
        .select(ROW_COUNT)
        .where('own.user_id', '=', userId)
        .where('own.starred_at_ms', 'is not', null)
      return db
        .updateTable('shortcuts')
        .set((eb) => ({ starred_at_ms: eb.fn.coalesce('starred_at_ms', nowMs) }))
        .where((eb) => eb.and(keyOf(userId, target)))
        .where((eb) => eb.or([eb('starred_at_ms', 'is not', null), isBelow(own, MAX_FAVOURITES)]))
    },
    { expectedRows: 1, guards: ['shortcuts'] },
  )
  if (await tryCommit(database, [storeChange(userId, target), star])) return
  throw new AppError('invalid-request', `A user has at most ${MAX_FAVOURITES} favourites. Remove some of them first.`)
}

/** Removes the star of everything with this name, also of dropped tables and views. */
export async function removeFavourite(database: Database, userId: string, name: ShortcutName): Promise<void> {
  await database.commit([
    change(({ db }) =>
      db
        .updateTable('shortcuts')
        .set({ starred_at_ms: null })
        .where('user_id', '=', userId)
        .where((eb) => eb.and({ ...nameColumns(name), ...(name.kind === 'query' && { target: name.queryId }) })),
    ),
    removeUnusedChange(userId),
  ])
}

/** Records that a user looks at a table or a view. Only the last visits are stored. */
export async function recordVisit(database: Database, userId: string, target: ShortcutTarget): Promise<void> {
  await database.commit([
    storeChange(userId, target),
    change(({ db, nowMs }) =>
      db
        .updateTable('shortcuts')
        .set({ visited_at_ms: nowMs })
        .where((eb) => eb.and(keyOf(userId, target))),
    ),
    change(({ db }) =>
      db
        .updateTable('shortcuts')
        .set({ visited_at_ms: null })
        .where('user_id', '=', userId)
        .where('visited_at_ms', 'is not', null)
        .where((eb) =>
          eb(
            eb.refTuple('kind', 'catalog', 'target'),
            'not in',
            eb
              .selectFrom('shortcuts as last')
              .select(['last.kind', 'last.catalog', 'last.target'])
              .where('last.user_id', '=', userId)
              .where('last.visited_at_ms', 'is not', null)
              .orderBy('last.visited_at_ms', 'desc')
              .orderBy('last.target')
              .limit(MAX_VISITS)
              .$asTuple('kind', 'catalog', 'target'),
          ),
        ),
    ),
    removeUnusedChange(userId),
  ])
}

/** Follows a table or view that was renamed, dropped (null) or restored. */
export function moveShortcutsChange(uuid: string, catalog: string, to: TableIdentifier | null): Change {
  return change(({ db }) =>
    db
      .updateTable('shortcuts')
      .set(to === null ? { is_dropped: 1 } : { namespace: joinNamespace(to.namespace), name: to.table, is_dropped: 0 })
      .where('target', '=', uuid)
      .where('catalog', '=', catalog)
      .where('kind', 'in', ['table', 'view']),
  )
}

/** The removal of the favourites of a namespace that is dropped. */
export function dropNamespaceShortcutsChange(catalog: string, namespace: Namespace): Change {
  return change(({ db }) =>
    db
      .deleteFrom('shortcuts')
      .where('target', '=', joinNamespace(namespace))
      .where('catalog', '=', catalog)
      .where('kind', '=', 'namespace'),
  )
}

/** The removal of the favourites of a saved query that is removed. */
export function removeQueryShortcutsChange(queryId: string): Change {
  return change(({ db }) =>
    db.deleteFrom('shortcuts').where('target', '=', queryId).where('catalog', '=', '').where('kind', '=', 'query'),
  )
}

/** Stores a row that has neither time yet, or its current name. */
function storeChange(userId: string, target: ShortcutTarget): Change {
  const { namespace, name } = nameColumns(target)
  const facts = { namespace, name, is_dropped: 0 }
  return change(({ db }) =>
    db
      .insertInto('shortcuts')
      .values({ ...keyOf(userId, target), ...facts, starred_at_ms: null, visited_at_ms: null })
      .onConflict((conflict) => conflict.columns(['user_id', 'kind', 'catalog', 'target']).doUpdateSet(facts)),
  )
}

function removeUnusedChange(userId: string): Change {
  return change(({ db }) =>
    db
      .deleteFrom('shortcuts')
      .where('user_id', '=', userId)
      .where('starred_at_ms', 'is', null)
      .where('visited_at_ms', 'is', null),
  )
}

function keyOf(userId: string, target: ShortcutTarget) {
  const { kind, catalog, namespace } = nameColumns(target)
  const id = target.kind === 'query' ? target.queryId : target.kind === 'namespace' ? namespace : target.uuid
  return { user_id: userId, kind, catalog, target: id }
}

function nameColumns(name: ShortcutName): Pick<Tables['shortcuts'], 'kind' | 'catalog' | 'namespace' | 'name'> {
  if (name.kind === 'query') return { kind: name.kind, catalog: '', namespace: '', name: '' }
  const { kind, catalog, namespace } = name
  return { kind, catalog, namespace: joinNamespace(namespace), name: name.kind === 'namespace' ? '' : name.name }
}

function toShortcut({ kind, catalog, target, namespace, name, is_dropped }: Tables['shortcuts']): Shortcut {
  const isDropped = is_dropped === 1
  if (kind === 'query') return { kind, queryId: target, isDropped }
  const levels = splitNamespace(namespace)
  return kind === 'namespace'
    ? { kind, catalog, namespace: levels, isDropped }
    : { kind, catalog, namespace: levels, name, isDropped }
}
