import 'server-only'
import { AppError } from '@/lib/errors'
import type { Change, Database } from '../database'
import { insertIf, isBelow, ROW_COUNT } from '../insert-if'
import { lowerAscii } from '../lower-ascii'
import { change, type Dialect, query } from '../statement'
import type { Tables } from '../tables'
import { commitOrThrow } from '../try-commit'
import { deleteGrantsOfChange } from './grants'

/** Groups of users that hold grants. Groups of an identity provider change only when their users sign in. */
export type Group = {
  groupId: string
  name: string
  source: 'console' | 'provider'
  createdAtMs: number
  createdBy: string
  memberCount: number
  grantCount: number
}

export type Member = { userId: string; username: string; displayName: string | null }

export const MAX_GROUPS = 1000

/** In order of their names. */
export async function listGroups(database: Database): Promise<Group[]> {
  const rows = await database.read(
    query((dialect) => selectGroups(dialect).orderBy(dialect.ignoreCase('user_groups.name')).limit(MAX_GROUPS)),
  )
  return rows.map(toGroup)
}

export async function findGroup(database: Database, groupId: string): Promise<Group | null> {
  const [row] = await database.read(query((dialect) => selectGroups(dialect).where('user_groups.id', '=', groupId)))
  return row ? toGroup(row) : null
}

function selectGroups({ db }: Dialect) {
  return db
    .selectFrom('user_groups')
    .selectAll('user_groups')
    .select(({ selectFrom, fn, ref }) => [
      selectFrom('group_members')
        .select(fn.countAll<number>().as('count'))
        .where('group_members.group_id', '=', ref('user_groups.id'))
        .as('member_count'),
      selectFrom('grants')
        .select(fn.countAll<number>().as('count'))
        .where('grants.holder_kind', '=', 'group')
        .where('grants.holder_id', '=', ref('user_groups.id'))
        .as('grant_count'),
    ])
}

/**
 * In order of their names.
 *
 * @param after the name of a user: only later ones
 */
export async function listMembers(
  database: Database,
  groupId: string,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<Member[]> {
  const rows = await database.read(
    query(({ db, ignoreCase }) => {
      const members = db
        .selectFrom('group_members')
        .innerJoin('users', 'users.id', 'group_members.user_id')
        .select(['users.id', 'users.username', 'users.display_name'])
        .where('group_members.group_id', '=', groupId)
        .orderBy(ignoreCase('users.username'))
        .limit(limit)
      return after === undefined ? members : members.where(ignoreCase('users.username'), '>', lowerAscii(after))
    }),
  )
  return rows.map(({ id, username, display_name }) => ({ userId: id, username, displayName: display_name }))
}

/** The groups of each of these users, in order of their names. */
export async function readGroupsOf(
  database: Database,
  userIds: readonly string[],
): Promise<Map<string, { groupId: string; name: string }[]>> {
  if (userIds.length === 0) return new Map()
  const rows = await database.read(
    query(({ db, ignoreCase }) =>
      db
        .selectFrom('group_members')
        .innerJoin('user_groups', 'user_groups.id', 'group_members.group_id')
        .select(['group_members.user_id', 'user_groups.id', 'user_groups.name'])
        .where('group_members.user_id', 'in', userIds)
        .orderBy(ignoreCase('user_groups.name')),
    ),
  )
  const groups = Map.groupBy(rows, ({ user_id }) => user_id)
  return new Map([...groups].map(([userId, own]) => [userId, own.map(({ id, name }) => ({ groupId: id, name }))]))
}

/** Changes no row when the name is taken or there are as many groups as there may be. */
export function insertGroupIf(
  dialect: Dialect,
  group: Pick<Tables['user_groups'], 'id' | 'name' | 'source' | 'created_by'>,
) {
  const groupCount = dialect.db.selectFrom('user_groups as every').select(ROW_COUNT)
  return insertIf(
    dialect,
    'user_groups',
    { ...group, created_at_ms: dialect.nowMs },
    isBelow(groupCount, MAX_GROUPS),
  ).onConflict((conflict) => conflict.doNothing())
}

/** @throws {AppError} already-exists for the name, invalid-request at the limit of groups */
export async function insertGroup(
  database: Database,
  { groupId, name, createdBy }: Pick<Group, 'groupId' | 'name' | 'createdBy'>,
  alongside: readonly Change[],
): Promise<void> {
  const insert = change(
    (dialect) => insertGroupIf(dialect, { id: groupId, name, source: 'console', created_by: createdBy }),
    {
      expectedRows: 1,
      guards: ['access'],
    },
  )
  await commitOrThrow(database, [insert, ...alongside], async () =>
    (await listGroups(database)).length >= MAX_GROUPS
      ? new AppError('invalid-request', `There are already ${MAX_GROUPS} groups. Remove one first.`)
      : new AppError('already-exists', `The group ${name} already exists.`),
  )
}

/** @throws {AppError} already-exists for the name */
export async function updateGroupName(
  database: Database,
  groupId: string,
  name: string,
  alongside: readonly Change[],
): Promise<void> {
  const rename = change(
    (dialect) =>
      dialect.db
        .updateTable('user_groups')
        .set({ name })
        .where('id', '=', groupId)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('user_groups as other')
                .select('other.id')
                .where(dialect.ignoreCase('other.name'), '=', lowerAscii(name))
                .where('other.id', '<>', groupId),
            ),
          ),
        ),
    { expectedRows: 1, guards: ['access'] },
  )
  await commitOrThrow(
    database,
    [rename, ...alongside],
    () => new AppError('already-exists', `The group ${name} already exists.`),
  )
}

/** With its members and grants. */
export async function deleteGroup(database: Database, groupId: string, alongside: readonly Change[]): Promise<void> {
  const remove = change(({ db }) => db.deleteFrom('user_groups').where('id', '=', groupId), {
    expectedRows: 1,
    guards: ['access'],
  })
  await commitOrThrow(
    database,
    [remove, deleteGrantsOfChange({ kind: 'group', id: groupId }), ...alongside],
    () => new AppError('not-found', 'There is no such group.'),
  )
}

/** Adds the user to the group, or removes them. A user who already is a member stays one. */
export function memberChange(groupId: string, userId: string, isMember: boolean): Change {
  return change(
    ({ db }) =>
      isMember
        ? db
            .insertInto('group_members')
            .values({ group_id: groupId, user_id: userId })
            .onConflict((conflict) => conflict.doNothing())
        : db.deleteFrom('group_members').where('group_id', '=', groupId).where('user_id', '=', userId),
    { expectedRows: 1 },
  )
}

type GroupRow = Tables['user_groups'] & { member_count: number | null; grant_count: number | null }

function toGroup(row: GroupRow): Group {
  return {
    groupId: row.id,
    name: row.name,
    source: row.source,
    createdAtMs: row.created_at_ms,
    createdBy: row.created_by,
    memberCount: row.member_count ?? 0,
    grantCount: row.grant_count ?? 0,
  }
}

/** Groups whose names contain `part`, in order of their names. ASCII letters match in either case. */
export async function findGroupsByName(
  database: Database,
  part: string | undefined,
  limit: number,
): Promise<Pick<Group, 'groupId' | 'name'>[]> {
  const rows = await database.read(
    query(({ db, ignoreCase, position }) => {
      const name = ignoreCase('user_groups.name')
      const groups = db.selectFrom('user_groups').select(['id', 'name']).limit(limit)
      if (part === undefined) return groups.orderBy(name)
      const lowered = lowerAscii(part)
      return groups
        .where((eb) => eb(position(eb.fn<string>('lower', ['name']), eb.val(lowered)), '>', 0))
        .orderBy((eb) => eb.case().when(name, '=', lowered).then(0).else(1).end())
        .orderBy(name)
    }),
  )
  return rows.map(({ id, name }) => ({ groupId: id, name }))
}
