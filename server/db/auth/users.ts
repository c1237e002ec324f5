import 'server-only'
import type { Expression, ExpressionBuilder, Selectable, SqlBool } from 'kysely'
import { ulid } from 'ulid'
import { AppError } from '@/lib/errors'
import type { Role } from '@/lib/permissions'
import type { Change, Database } from '../database'
import { lowerAscii } from '../lower-ascii'
import { removePrivateQueriesChange } from '../query/saved-queries'
import { change, preparedQuery, query } from '../statement'
import type { Tables } from '../tables'
import { commitOrThrow } from '../try-commit'
import { deleteGrantsOfChange } from './grants'

/** Users who may sign in, and service accounts, which have tokens only. Names are compared case-insensitively. Only `server/auth/sign-in/passwords` uses the hash. */
export type User = {
  userId: string
  username: string
  /** Null for a user who signs in with an identity provider only. */
  passwordHash: string | null
  /** Whether the password is still a generated one, from the first start or by an admin. */
  hasGeneratedPassword: boolean
  /** The role on everything; null: the user has grants only. */
  role: Role | null
  /** Whether it is a service account: it never signs in, and has neither a password nor an identity. */
  isService: boolean
  displayName: string | null
  createdAtMs: number
  /** Null: never since the column exists. */
  lastSignInAtMs: number | null
  /** Since when the user and their tokens are refused; null: they are not. */
  disabledAtMs: number | null
}

export type NewUser = Pick<User, 'username' | 'passwordHash' | 'hasGeneratedPassword' | 'role'> & {
  displayName?: string | null
  isService?: boolean
}

/** Letters, digits and `. _ @ -`: they are on every keyboard, and look distinct in a log. */
export const USERNAME_PATTERN = /^[A-Za-z0-9][\w.@-]{0,63}$/

export const USER_COLUMNS = [
  'id',
  'username',
  'password_hash',
  'has_generated_password',
  'role',
  'created_at_ms',
  'disabled_at_ms',
  'has_role',
  'display_name',
  'last_sign_in_at_ms',
  'is_service',
] as const

type UserRow = Selectable<Pick<Tables['users'], (typeof USER_COLUMNS)[number]>>

export async function findUser(database: Database, userId: string): Promise<User | null> {
  const [row] = await database.read(userById({ userId }))
  return row ? toUser(row) : null
}

export async function findUserByName(database: Database, username: string): Promise<User | null> {
  const [row] = await database.read(userByName({ lowerName: lowerAscii(username) }))
  return row ? toUser(row) : null
}

/** In order of their names. */
export async function listUsers(database: Database): Promise<User[]> {
  return (await database.read(ALL_USERS)).map(toUser)
}

const ALL_USERS = query(({ db, ignoreCase }) =>
  db.selectFrom('users').select(USER_COLUMNS).orderBy(ignoreCase('users.username')),
)

const userById = preparedQuery(({ db }, { userId }: { userId: string }) =>
  db.selectFrom('users').select(USER_COLUMNS).where('id', '=', userId),
)

const userByName = preparedQuery(({ db, ignoreCase }, { lowerName }: { lowerName: string }) =>
  db.selectFrom('users').select(USER_COLUMNS).where(ignoreCase('users.username'), '=', lowerName),
)

/**
 * @param alongside rows that belong to the change, written in the same transaction
 * @returns the id of the new user
 * @throws {AppError} invalid-request for a name with other characters, already-exists
 */
export async function addUser(database: Database, user: NewUser, alongside: readonly Change[] = []): Promise<string> {
  if (!USERNAME_PATTERN.test(user.username)) {
    throw new AppError(
      'invalid-request',
      'A username has 1 to 64 letters, digits and . _ @ -, and starts with a letter or a digit.',
    )
  }
  const userId = ulid()
  const insert = change(
    ({ db, nowMs }) =>
      db
        .insertInto('users')
        .values({
          id: userId,
          username: user.username,
          password_hash: user.passwordHash ?? '',
          has_generated_password: user.hasGeneratedPassword ? 1 : 0,
          ...roleColumns(user.role),
          display_name: user.displayName ?? null,
          is_service: user.isService === true ? 1 : 0,
          created_at_ms: nowMs,
          password_changed_at_ms: nowMs,
        })
        .onConflict((conflict) => conflict.doNothing()),
    { expectedRows: 1 },
  )
  await commitOrThrow(
    database,
    [insert, ...alongside],
    () => new AppError('already-exists', `The user ${user.username} already exists.`),
  )
  return userId
}

/**
 * Sets a chosen or generated password of a user who is not a service account, and ends all sessions of the user except `keepSessionId`.
 *
 * @returns how many sessions ended
 * @throws {AppError} not-found
 */
export async function setPassword(
  database: Database,
  userId: string,
  passwordHash: string,
  {
    keepSessionId,
    isGenerated = false,
    alongside = [],
  }: { keepSessionId?: string; isGenerated?: boolean; alongside?: readonly Change[] } = {},
): Promise<number> {
  const update = change(
    ({ db, nowMs }) =>
      db
        .updateTable('users')
        .set({
          password_hash: passwordHash,
          has_generated_password: isGenerated ? 1 : 0,
          password_changed_at_ms: nowMs,
        })
        .where('id', '=', userId)
        .where('is_service', '=', 0),
    { expectedRows: 1 },
  )
  const [, endedCount] = await commitOrThrow(
    database,
    [update, endSessionsChange(userId, keepSessionId), ...alongside],
    userNotFoundError,
  )
  return endedCount ?? 0
}

/** @throws {AppError} not-found */
export async function setDisplayName(
  database: Database,
  userId: string,
  displayName: string | null,
  alongside: readonly Change[] = [],
): Promise<void> {
  const update = change(
    ({ db }) => db.updateTable('users').set({ display_name: displayName }).where('id', '=', userId),
    { expectedRows: 1 },
  )
  await commitOrThrow(database, [update, ...alongside], userNotFoundError)
}

/** @throws {AppError} invalid-request for the last admin who may sign in */
export async function setRole(
  database: Database,
  userId: string,
  role: Role | null,
  alongside: readonly Change[] = [],
): Promise<void> {
  const update = change(
    ({ db }) => {
      const toRole = db.updateTable('users').set(roleColumns(role)).where('id', '=', userId)
      return role === 'admin' ? toRole : toRole.where((eb) => hasOtherAdmin(eb, userId))
    },
    { expectedRows: 1, guards: ['users'] },
  )
  await commitOrThrow(database, [update, ...alongside], onlyAdminError)
}

/**
 * Ends the user's sessions, and refuses the user and their tokens until `enableUser`. A disabled user stays disabled.
 *
 * @returns how many sessions ended
 * @throws {AppError} not-found, invalid-request for the last admin who may sign in
 */
export async function disableUser(
  database: Database,
  userId: string,
  alongside: readonly Change[] = [],
): Promise<number> {
  const update = change(
    ({ db, nowMs }) =>
      db
        .updateTable('users')
        .set((eb) => ({ disabled_at_ms: eb.fn.coalesce('disabled_at_ms', nowMs) }))
        .where('id', '=', userId)
        .where((eb) => isNotLastAdmin(eb, userId)),
    { expectedRows: 1, guards: ['users', 'sign-in'] },
  )
  const [, endedCount] = await commitUnlessLastAdmin(database, userId, [
    update,
    endSessionsChange(userId),
    ...alongside,
  ])
  return endedCount ?? 0
}

/** @throws {AppError} not-found */
export async function enableUser(database: Database, userId: string, alongside: readonly Change[] = []): Promise<void> {
  const update = change(({ db }) => db.updateTable('users').set({ disabled_at_ms: null }).where('id', '=', userId), {
    expectedRows: 1,
    guards: ['users'],
  })
  await commitOrThrow(database, [update, ...alongside], userNotFoundError)
}

/**
 * Removes the user with their sessions, their tokens, their grants, their credentials for connections and the queries
 * that only they could read. The audit retains their actions under their name; shared queries stay, too.
 *
 * @throws {AppError} not-found, invalid-request for the last admin who may sign in
 */
export async function removeUser(database: Database, userId: string, alongside: readonly Change[] = []): Promise<void> {
  const remove = change(
    ({ db }) =>
      db
        .deleteFrom('users')
        .where('id', '=', userId)
        .where((eb) => isNotLastAdmin(eb, userId)),
    { expectedRows: 1, guards: ['users', 'sign-in'] },
  )
  await commitUnlessLastAdmin(database, userId, [
    remove,
    removePrivateQueriesChange(userId),
    deleteGrantsOfChange({ kind: 'user', id: userId }),
    ...alongside,
  ])
}

type UserExpressions = ExpressionBuilder<Tables, 'users'>

function hasOtherAdmin({ exists, selectFrom }: UserExpressions, userId: string): Expression<SqlBool> {
  return exists(
    selectFrom('users as other')
      .select('other.id')
      .where('other.role', '=', 'admin')
      .where('other.disabled_at_ms', 'is', null)
      .where('other.is_service', '=', 0)
      .where('other.id', '<>', userId),
  )
}

function isNotLastAdmin(eb: UserExpressions, userId: string): Expression<SqlBool> {
  return eb.or([eb('users.role', '<>', 'admin'), eb('users.is_service', '=', 1), hasOtherAdmin(eb, userId)])
}

export function endSessionsChange(userId: string, keepSessionId?: string): Change {
  return change(({ db }) => {
    const sessions = db.deleteFrom('sessions').where('user_id', '=', userId)
    return keepSessionId === undefined ? sessions : sessions.where('id', '<>', keepSessionId)
  })
}

function commitUnlessLastAdmin(
  database: Database,
  userId: string,
  changes: readonly Change[],
): Promise<readonly number[]> {
  return commitOrThrow(database, changes, async () =>
    (await findUser(database, userId)) === null ? userNotFoundError() : onlyAdminError(),
  )
}

/** The column of the role cannot be null. */
function roleColumns(role: Role | null): Pick<Tables['users'], 'role'> & { has_role: number } {
  return { role: role ?? 'viewer', has_role: role === null ? 0 : 1 }
}

function userNotFoundError(): AppError {
  return new AppError('not-found', 'There is no such user.')
}

function onlyAdminError(): AppError {
  return new AppError(
    'invalid-request',
    'This is the only admin who may sign in. Nothing was changed. Make another user an admin first.',
  )
}

export function toUser(row: UserRow): User {
  return {
    userId: row.id,
    username: row.username,
    passwordHash: row.password_hash || null,
    hasGeneratedPassword: row.has_generated_password === 1,
    role: row.has_role === 1 ? row.role : null,
    isService: row.is_service === 1,
    displayName: row.display_name,
    lastSignInAtMs: row.last_sign_in_at_ms,
    createdAtMs: row.created_at_ms,
    disabledAtMs: row.disabled_at_ms,
  }
}
