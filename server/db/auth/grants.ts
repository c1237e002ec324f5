import 'server-only'
import { type ExpressionBuilder, type SqlBool, type Expression, sql } from 'kysely'
import { AppError } from '@/lib/errors'
import { joinNamespace } from '@/lib/names/identifiers'
import type { Resource, RoleGrant } from '@/lib/permissions'
import { type Change, type Database, UnexpectedChanges } from '../database'
import { insertIf, isBelow, ROW_COUNT } from '../insert-if'
import { change, type Dialect, preparedQuery, query } from '../statement'
import type { ResourceTable, Tables } from '../tables'
import { isWithinNameLimits, resourceColumns, toResource } from './resource-columns'

/**
 * Roles that users, groups and everyone have on resources. They only add up. A holder has one role on each resource.
 */

/** The id of `everyone` is the word itself. */
export type Holder = { kind: 'user' | 'group' | 'everyone'; id: string }
export const EVERYONE: Holder = { kind: 'everyone', id: 'everyone' }

export type StoredGrant = RoleGrant & {
  grantId: string
  /** With its name at the time when it was read. */
  holder: Holder & { name: string }
  createdAtMs: number
  createdBy: string
}
export type NewGrant = RoleGrant & { grantId: string; holder: Holder; createdBy: string }

/** In the whole console, and of one holder: they are read with each request. */
export const MAX_GRANTS = 10_000
export const MAX_GRANTS_PER_HOLDER = 1000

/** The grants of a user: their own, those of their groups, those of everyone. Every request reads them. */
export async function readRoleGrants(database: Database, userId: string): Promise<RoleGrant[]> {
  return (await database.read(grantsOfUser({ userId }))).map((row) => ({ role: row.role, resource: toResource(row) }))
}

const grantsOfUser = preparedQuery(({ db }, { userId }: { userId: string }) =>
  db
    .selectFrom('grants')
    .select(['role', 'catalog', 'namespace', 'table_name'])
    .where((eb) => isOfUser(eb, userId))
    .where(isWithinNameLimits('grants')),
)

function isOfUser(eb: ExpressionBuilder<Tables, 'grants'>, userId: string): Expression<SqlBool> {
  return eb.or([
    eb.and([eb('holder_kind', '=', 'user'), eb('holder_id', '=', userId)]),
    eb('holder_kind', '=', 'everyone'),
    eb.and([
      eb('holder_kind', '=', 'group'),
      eb('holder_id', 'in', eb.selectFrom('group_members').select('group_id').where('user_id', '=', userId)),
    ]),
  ])
}

/** Which grants to list: all, those of a holder, those that a user has, or those on and in a resource. */
export type GrantFilter = { holder: Holder } | { userId: string } | { within: Resource } | { reaching: Resource }

/**
 * Widest resource first; `reaching` lists those that cover a resource.
 *
 * @param after only the grants behind this one, even if it was removed
 */
export async function listGrants(
  database: Database,
  filter: GrantFilter,
  limit: number,
  after: Pick<StoredGrant, 'grantId' | 'resource'> | null = null,
): Promise<StoredGrant[]> {
  const rows = await database.read(
    query((dialect) =>
      selectGrants(dialect)
        .where((eb) => (after === null ? matches(eb, filter) : eb.and([matches(eb, filter), isBehind(eb, after)])))
        .orderBy('grants.catalog')
        .orderBy('grants.namespace')
        .orderBy('grants.table_name')
        .orderBy('grants.id')
        .limit(limit),
    ),
  )
  return rows.map(toGrant)
}

/** In the order of {@link listGrants}. */
function isBehind(
  eb: ExpressionBuilder<Tables, 'grants'>,
  { grantId, resource: on }: Pick<StoredGrant, 'grantId' | 'resource'>,
): Expression<SqlBool> {
  const { catalog, namespace, table_name } = resourceColumns(on)
  return eb(
    eb.refTuple('grants.catalog', 'grants.namespace', 'grants.table_name', 'grants.id'),
    '>',
    eb.tuple(catalog, namespace, table_name, grantId),
  )
}

function matches(eb: ExpressionBuilder<Tables, 'grants'>, filter: GrantFilter): Expression<SqlBool> {
  if ('holder' in filter) {
    return eb.and([eb('holder_kind', '=', filter.holder.kind), eb('holder_id', '=', filter.holder.id)])
  }
  if ('userId' in filter) return isOfUser(eb, filter.userId)
  return 'within' in filter ? isWithin(eb, filter.within) : isReaching(eb, filter.reaching)
}

function isWithin(eb: ExpressionBuilder<Tables, 'grants'>, on: Resource): Expression<SqlBool> {
  const { catalog, namespace, table_name } = resourceColumns(on)
  return eb.and([
    ...(catalog === '' ? [] : [eb('grants.catalog', '=', catalog)]),
    ...(namespace === '' ? [] : [isNamespaceWithin(eb, namespace)]),
    ...(table_name === '' ? [] : [eb('grants.namespace', '=', namespace), eb('grants.table_name', '=', table_name)]),
    sql<SqlBool>`true`,
  ])
}

/** A namespace itself, or one below it. The separator of levels is the last character before `\x20`. */
function isNamespaceWithin(eb: ExpressionBuilder<Tables, 'grants'>, namespace: string): Expression<SqlBool> {
  return eb.or([
    eb('grants.namespace', '=', namespace),
    eb.and([eb('grants.namespace', '>=', `${namespace}\x1F`), eb('grants.namespace', '<', `${namespace}\x20`)]),
  ])
}

function isReaching(
  eb: ExpressionBuilder<Tables, 'grants'>,
  { catalog, namespace, table }: Resource,
): Expression<SqlBool> {
  const levels = (namespace ?? []).map((_, i) => joinNamespace((namespace ?? []).slice(0, i + 1)))
  const on = (c: string, n: string, t: string) =>
    eb.and([eb('grants.catalog', '=', c), eb('grants.namespace', '=', n), eb('grants.table_name', '=', t)])
  return eb.or([
    on('', '', ''),
    ...(catalog === undefined ? [] : [on(catalog, '', ''), ...levels.map((level) => on(catalog, level, ''))]),
    ...(catalog === undefined || table === undefined ? [] : [on(catalog, levels.at(-1) ?? '', table)]),
  ])
}

/** Null if it does not exist. */
export async function findGrant(database: Database, grantId: string): Promise<StoredGrant | null> {
  const [row] = await database.read(query((dialect) => selectGrants(dialect).where('grants.id', '=', grantId)))
  return row ? toGrant(row) : null
}

/** The grant that a holder has on exactly this resource. */
export async function findGrantOn(database: Database, holder: Holder, on: Resource): Promise<StoredGrant | null> {
  const columns = resourceColumns(on)
  const [row] = await database.read(
    query((dialect) =>
      selectGrants(dialect)
        .where('grants.holder_kind', '=', holder.kind)
        .where('grants.holder_id', '=', holder.id)
        .where('grants.catalog', '=', columns.catalog)
        .where('grants.namespace', '=', columns.namespace)
        .where('grants.table_name', '=', columns.table_name),
    ),
  )
  return row ? toGrant(row) : null
}

function selectGrants({ db }: Dialect) {
  return db
    .selectFrom('grants')
    .leftJoin('users', (join) => join.onRef('users.id', '=', 'grants.holder_id').on('grants.holder_kind', '=', 'user'))
    .leftJoin('user_groups', (join) =>
      join.onRef('user_groups.id', '=', 'grants.holder_id').on('grants.holder_kind', '=', 'group'),
    )
    .where(isWithinNameLimits('grants'))
    .selectAll('grants')
    .select((eb) => eb.fn.coalesce('users.username', 'user_groups.name', eb.val('everyone')).as('holder_name'))
}

/**
 * The row of a grant, which replaces the holder's grant on the same resource.
 *
 * @throws through `commit` {@link UnexpectedChanges} at the limit of grants
 */
export function putGrantChanges(grant: NewGrant): Change[] {
  const { holder, resource: on } = grant
  return [deleteGrantOnChange(holder, on), insertGrantChange(grant)]
}

function deleteGrantOnChange(holder: Holder, on: Resource, expected: { expectedRows?: number } = {}): Change {
  const { catalog, namespace, table_name } = resourceColumns(on)
  return change(
    ({ db }) =>
      db
        .deleteFrom('grants')
        .where('holder_kind', '=', holder.kind)
        .where('holder_id', '=', holder.id)
        .where('catalog', '=', catalog)
        .where('namespace', '=', namespace)
        .where('table_name', '=', table_name),
    { ...expected, guards: ['access'] },
  )
}

function insertGrantChange({ grantId, holder, role, resource: on, createdBy }: NewGrant): Change {
  const row = { id: grantId, holder_kind: holder.kind, holder_id: holder.id, role, ...resourceColumns(on) }
  return change(
    (dialect) => {
      const all = dialect.db.selectFrom('grants as every').select(ROW_COUNT).where(isWithinNameLimits('every'))
      const ofHolder = dialect.db
        .selectFrom('grants as own')
        .select(ROW_COUNT)
        .where('own.holder_kind', '=', holder.kind)
        .where('own.holder_id', '=', holder.id)
        .where(isWithinNameLimits('own'))
      return insertIf(
        dialect,
        'grants',
        { ...row, created_at_ms: dialect.nowMs, created_by: createdBy },
        isBelow(all, MAX_GRANTS),
        isBelow(ofHolder, MAX_GRANTS_PER_HOLDER),
      )
    },
    { expectedRows: 1, guards: ['access'] },
  )
}

/** Commits changes that begin with those of {@link putGrantChanges}. */
export async function commitGrant(database: Database, changes: readonly Change[]): Promise<void> {
  try {
    await database.commit(changes)
  } catch (error) {
    if (!(error instanceof UnexpectedChanges) || error.index !== 1) throw error
    throw new AppError(
      'invalid-request',
      `There are already ${MAX_GRANTS} grants, or ${MAX_GRANTS_PER_HOLDER} of this holder. Nothing was changed. Remove some, or grant a role on the namespace instead of its tables.`,
    )
  }
}

/**
 * Replaces a grant that was read, or the lack of one. Fails if the holder has another grant on the resource by then.
 *
 * @param before null: the holder had none
 * @throws through `commit` {@link UnexpectedChanges} with index 0 for another grant, 1 at the limit of grants
 */
export function replaceGrantChanges(grant: NewGrant, before: Pick<StoredGrant, 'grantId'> | null): Change[] {
  const isSame = before === null ? noGrantChange(grant) : deleteGrantChange(before.grantId)
  return [isSame, insertGrantChange(grant)]
}

/** Fails if the holder has a grant on the resource. */
function noGrantChange({ holder, resource: on }: Pick<NewGrant, 'holder' | 'resource'>): Change {
  return deleteGrantOnChange(holder, on, { expectedRows: 0 })
}

/** Removes a grant, and fails if it does not exist. */
export function deleteGrantChange(grantId: string): Change {
  return change(({ db }) => db.deleteFrom('grants').where('id', '=', grantId), { expectedRows: 1, guards: ['access'] })
}

/** The removal of all grants of a holder, with the holder. */
export function deleteGrantsOfChange({ kind, id }: Holder): Change {
  return change(({ db }) => db.deleteFrom('grants').where('holder_kind', '=', kind).where('holder_id', '=', id), {
    guards: ['access'],
  })
}

/** The grants of each of these users, as {@link readRoleGrants} returns them; users without one are left out. */
export async function readGrantsOf(database: Database, userIds: readonly string[]): Promise<Map<string, RoleGrant[]>> {
  if (userIds.length === 0) return new Map()
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('users')
        .innerJoin('grants', (join) =>
          join.on((eb) =>
            eb.or([
              eb.and([eb('grants.holder_kind', '=', 'user'), eb('grants.holder_id', '=', eb.ref('users.id'))]),
              eb('grants.holder_kind', '=', 'everyone'),
              eb.and([
                eb('grants.holder_kind', '=', 'group'),
                eb(
                  'grants.holder_id',
                  'in',
                  eb.selectFrom('group_members').select('group_id').whereRef('user_id', '=', 'users.id'),
                ),
              ]),
            ]),
          ),
        )
        .select(['users.id as user_id', 'grants.role', 'grants.catalog', 'grants.namespace', 'grants.table_name'])
        .where('users.id', 'in', userIds)
        .where(isWithinNameLimits('grants')),
    ),
  )
  return new Map(
    [...Map.groupBy(rows, ({ user_id }) => user_id)].map(([userId, own]) => [
      userId,
      own.map((row) => ({ role: row.role, resource: toResource(row) })),
    ]),
  )
}

type GrantRow = ResourceTable & Omit<Tables['grants'], keyof ResourceTable> & { holder_name: string }

function toGrant(row: GrantRow): StoredGrant {
  return {
    grantId: row.id,
    holder: { kind: row.holder_kind, id: row.holder_id, name: row.holder_name },
    role: row.role,
    resource: toResource(row),
    createdAtMs: row.created_at_ms,
    createdBy: row.created_by,
  }
}
