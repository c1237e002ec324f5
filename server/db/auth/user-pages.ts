import 'server-only'
import type { Database } from '../database'
import { lowerAscii } from '../lower-ascii'
import { query } from '../statement'
import { toUser, type User, USER_COLUMNS } from './users'

type UserPageRequest = {
  query?: string | undefined
  notInGroup?: string | undefined
  after?: string | undefined
  limit: number
}

/**
 * Users in order of their names, after the one whose whole name is the query.
 *
 * @param query a part of the name or of the displayed name; ASCII letters match in either case
 * @param notInGroup only users who are not members of this group
 * @param after the name of a user: only later ones
 */
export async function listUserPage(
  database: Database,
  { query: part, notInGroup, after, limit }: UserPageRequest,
): Promise<User[]> {
  const rows = await database.read(
    query((dialect) => {
      const { db, ignoreCase, position } = dialect
      const name = ignoreCase('users.username')
      let users = db.selectFrom('users').select(USER_COLUMNS).limit(limit)
      if (after !== undefined) users = users.where(name, '>', lowerAscii(after))
      if (notInGroup !== undefined)
        users = users.where(({ not, exists, selectFrom, ref }) =>
          not(
            exists(
              selectFrom('group_members')
                .select('group_members.user_id')
                .where('group_members.group_id', '=', notInGroup)
                .where('group_members.user_id', '=', ref('users.id')),
            ),
          ),
        )
      if (part === undefined) return users.orderBy(name)
      const lowered = lowerAscii(part)
      // The first page has it already.
      if (after !== undefined) users = users.where(name, '!=', lowered)
      const found = users.orderBy((eb) => eb.case().when(name, '=', lowered).then(0).else(1).end()).orderBy(name)
      return found.where((eb) =>
        eb.or([
          eb(position(eb.fn<string>('lower', ['username']), eb.val(lowered)), '>', 0),
          eb(position(eb.fn<string>('lower', ['display_name']), eb.val(lowered)), '>', 0),
        ]),
      )
    }),
  )
  return rows.map(toUser)
}

type UserParts = { tokenCount: number; grantCount: number; tokenUsedAtMs: number | null }

/** The active tokens of each of these users, when one was last used, and the grants that name the user. */
export async function countUserParts(database: Database, userIds: readonly string[]): Promise<Map<string, UserParts>> {
  if (userIds.length === 0) return new Map()
  const rows = await database.read(
    query(({ db, nowMs }) =>
      db
        .selectFrom('users')
        .select(({ selectFrom, fn, ref }) => [
          'users.id',
          selectFrom('tokens')
            .select(fn.countAll<number>().as('count'))
            .where('tokens.user_id', '=', ref('users.id'))
            .where('tokens.revoked_at_ms', 'is', null)
            .where('tokens.expires_at_ms', '>', nowMs)
            .as('token_count'),
          selectFrom('tokens')
            .select((eb) => eb.fn.max('tokens.last_used_at_ms').as('at_ms'))
            .where('tokens.user_id', '=', ref('users.id'))
            .as('token_used_at_ms'),
          selectFrom('grants')
            .select(fn.countAll<number>().as('count'))
            .where('grants.holder_kind', '=', 'user')
            .where('grants.holder_id', '=', ref('users.id'))
            .as('grant_count'),
        ])
        .where('users.id', 'in', userIds),
    ),
  )
  return new Map(
    rows.map(({ id, token_count, token_used_at_ms, grant_count }) => [
      id,
      { tokenCount: token_count ?? 0, grantCount: grant_count ?? 0, tokenUsedAtMs: token_used_at_ms },
    ]),
  )
}
