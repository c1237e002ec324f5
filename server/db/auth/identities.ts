import 'server-only'
import { AppError } from '@/lib/errors'
import { type Change, type Database, UnexpectedChanges } from '../database'
import { change, preparedQuery, query } from '../statement'
import { endSessionsChange, findUser, type User } from './users'

/**
 * A user's identity at an identity provider. Names and e-mail addresses can be reassigned to another person, a subject
 * cannot.
 */
export type Identity = { issuer: string; subject: string }

export async function findUserByIdentity(database: Database, { issuer, subject }: Identity): Promise<User | null> {
  const [row] = await database.read(userIdByIdentity({ issuer, subject }))
  return row ? findUser(database, row.user_id) : null
}

const userIdByIdentity = preparedQuery(({ db }, { issuer, subject }: Identity) =>
  db.selectFrom('identities').select('user_id').where('issuer', '=', issuer).where('subject', '=', subject),
)

/** The identities of a user, at most one per provider. */
export async function listIdentities(database: Database, userId: string): Promise<Identity[]> {
  return database.read(
    query(({ db }) =>
      db.selectFrom('identities').select(['issuer', 'subject']).where('user_id', '=', userId).orderBy('issuer'),
    ),
  )
}

/** The identity of each of these users who signs in with a provider; of several, one. */
export async function readIdentitiesOf(database: Database, userIds: readonly string[]): Promise<Map<string, Identity>> {
  if (userIds.length === 0) return new Map()
  const rows = await database.read(
    query(({ db }) =>
      db.selectFrom('identities').select(['user_id', 'issuer', 'subject']).where('user_id', 'in', userIds),
    ),
  )
  return new Map(rows.map(({ user_id, ...identity }) => [user_id, identity]))
}

/** The identity of a user who is created in the same transaction. */
export function addIdentityChange(username: string, { issuer, subject }: Identity): Change {
  return change(
    ({ db, nowMs }) =>
      db
        .insertInto('identities')
        .columns(['issuer', 'subject', 'user_id', 'created_at_ms'])
        .expression(
          db
            .selectFrom('users')
            .select((eb) => [
              eb.val(issuer).as('issuer'),
              eb.val(subject).as('subject'),
              'users.id as user_id',
              nowMs.as('created_at_ms'),
            ])
            .where('users.username', '=', username),
        )
        .onConflict((conflict) => conflict.doNothing()),
    { expectedRows: 1, guards: ['users'] },
  )
}

/**
 * Makes the identity one of the user, who is not a service account, in place of another one of the same provider, and ends the user's sessions.
 *
 * @throws {AppError} already-exists when it belongs to another user
 */
export async function linkIdentity(
  database: Database,
  userId: string,
  { issuer, subject }: Identity,
  alongside: readonly Change[] = [],
): Promise<void> {
  const insert = change(
    ({ db, nowMs }) =>
      db
        .insertInto('identities')
        .columns(['issuer', 'subject', 'user_id', 'created_at_ms'])
        .expression(
          db
            .selectFrom('users')
            .select((eb) => [
              eb.val(issuer).as('issuer'),
              eb.val(subject).as('subject'),
              'users.id as user_id',
              nowMs.as('created_at_ms'),
            ])
            .where('users.id', '=', userId)
            .where('users.is_service', '=', 0),
        )
        .onConflict((conflict) => conflict.doNothing()),
    { expectedRows: 1, guards: ['users'] },
  )
  try {
    await database.commit([unlinkChange(userId, issuer), insert, endSessionsChange(userId), ...alongside])
  } catch (error) {
    if (!(error instanceof UnexpectedChanges)) throw error
    throw new AppError('already-exists', 'This identity belongs to another user. Nothing was changed.', {
      cause: error,
    })
  }
}

/** Removes the user's identity of the provider, and ends the user's sessions. */
export async function unlinkIdentity(
  database: Database,
  userId: string,
  issuer: string,
  alongside: readonly Change[] = [],
): Promise<void> {
  await database.commit([unlinkChange(userId, issuer), endSessionsChange(userId), ...alongside])
}

function unlinkChange(userId: string, issuer: string): Change {
  return change(({ db }) => db.deleteFrom('identities').where('user_id', '=', userId).where('issuer', '=', issuer), {
    guards: ['users'],
  })
}
