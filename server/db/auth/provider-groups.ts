import 'server-only'
import { ulid } from 'ulid'
import type { Change, Database } from '../database'
import { lowerAscii } from '../lower-ascii'
import { change, query } from '../statement'
import { insertGroupIf } from './groups'

/** The names of the groups that a provider's claim has put the user into, in order. */
export async function readProviderGroups(database: Database, userId: string): Promise<string[]> {
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('group_members')
        .innerJoin('user_groups', 'user_groups.id', 'group_members.group_id')
        .select('user_groups.name')
        .where('group_members.user_id', '=', userId)
        .where('user_groups.source', '=', 'provider'),
    ),
  )
  return rows.map(({ name }) => name).toSorted()
}

/**
 * Puts the user into exactly these groups of the provider, and creates those that are new. A group of the console with
 * the same name stays as it is: a claim adds no members to it.
 */
export function replaceProviderGroups(userId: string, names: readonly string[], provider: string): Change[] {
  return [
    ...names.map((name) => createGroupChange(name, provider)),
    change(
      ({ db }) =>
        db
          .deleteFrom('group_members')
          .where('user_id', '=', userId)
          .where('group_id', 'in', ({ selectFrom }) =>
            selectFrom('user_groups').select('user_groups.id').where('user_groups.source', '=', 'provider'),
          ),
      { guards: ['access'] },
    ),
    ...names.map((name) =>
      change((dialect) =>
        dialect.db
          .insertInto('group_members')
          .columns(['group_id', 'user_id'])
          .expression(
            dialect.db
              .selectFrom('user_groups')
              .select((eb) => ['user_groups.id as group_id', eb.val(userId).as('user_id')])
              .where('user_groups.source', '=', 'provider')
              .where(dialect.ignoreCase('user_groups.name'), '=', lowerAscii(name)),
          )
          .onConflict((conflict) => conflict.doNothing()),
      ),
    ),
  ]
}

function createGroupChange(name: string, provider: string): Change {
  const group = { id: ulid(), name, source: 'provider', created_by: provider } as const
  return change((dialect) => insertGroupIf(dialect, group), { guards: ['access'] })
}
