import 'server-only'
import { ulid } from 'ulid'
import { AppError } from '@/lib/errors'
import type { Role } from '@/lib/permissions'
import { type SqlValue, type Statement, UnexpectedChanges } from './database'
import { openDatabase } from './open-database'

/** People who may sign in. Names are compared without regard to case; the hash is for `server/auth/passwords` only. */
export type User = {
  userId: string
  username: string
  passwordHash: string
  /** Still the password that was generated at first start. */
  hasGeneratedPassword: boolean
  role: Role
  createdAtMs: number
}

export type NewUser = Pick<User, 'username' | 'passwordHash' | 'hasGeneratedPassword' | 'role'>

/** Letters, digits and `. _ @ -`: what is typed alike everywhere and reads alike in a log. */
export const USERNAME_PATTERN = /^[A-Za-z0-9][\w.@-]{0,63}$/

const COLUMNS = 'id, username, password_hash, has_generated_password, role, created_at_ms'

type UserRow = {
  id: string
  username: string
  password_hash: string
  has_generated_password: number
  role: Role
  created_at_ms: number
}

export function findUser(userId: string): User | null {
  return first(`SELECT ${COLUMNS} FROM users WHERE id = ?`, [userId])
}

export function findUserByName(username: string): User | null {
  return first(`SELECT ${COLUMNS} FROM users WHERE username = ?`, [username])
}

/** In the order of their names. */
export function listUsers(): User[] {
  return openDatabase().read<UserRow>(`SELECT ${COLUMNS} FROM users ORDER BY username`).map(toUser)
}

/**
 * @param alongside rows that belong to the change, written in its transaction
 * @throws {AppError} invalid-request for a name of other characters, already-exists
 */
export async function addUser(user: NewUser, nowMs: number, alongside: readonly Statement[] = []): Promise<string> {
  if (!USERNAME_PATTERN.test(user.username)) {
    throw new AppError(
      'invalid-request',
      'A username has 1 to 64 letters, digits and . _ @ -, and starts with a letter or a digit.',
    )
  }
  const userId = ulid(nowMs)
  const insert: Statement = {
    sql: `INSERT INTO users (id, username, password_hash, has_generated_password, role, created_at_ms, password_changed_at_ms)
      VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (username) DO NOTHING`,
    params: [userId, user.username, user.passwordHash, user.hasGeneratedPassword ? 1 : 0, user.role, nowMs, nowMs],
    expectedChanges: 1,
  }
  await change(
    [insert, ...alongside],
    () => new AppError('already-exists', `There is a user ${user.username} already.`),
  )
  return userId
}

/**
 * Sets a password chosen by a person and ends the user's sessions, but for `keepSessionId`.
 *
 * @returns how many sessions were ended
 * @throws {AppError} not-found
 */
export async function setPassword(
  userId: string,
  passwordHash: string,
  { nowMs, keepSessionId, alongside = [] }: { nowMs: number; keepSessionId?: string; alongside?: readonly Statement[] },
): Promise<number> {
  const [, endedCount] = await change(
    [
      {
        sql: 'UPDATE users SET password_hash = ?, has_generated_password = 0, password_changed_at_ms = ? WHERE id = ?',
        params: [passwordHash, nowMs, userId],
        expectedChanges: 1,
      },
      {
        sql: 'DELETE FROM sessions WHERE user_id = ? AND id IS NOT ?',
        params: [userId, keepSessionId ?? null],
      },
      ...alongside,
    ],
    () => new AppError('not-found', 'There is no such user.'),
  )
  return endedCount ?? 0
}

/** @throws {AppError} invalid-request when nobody would be left who may administer the console */
export async function setRole(userId: string, role: Role, alongside: readonly Statement[] = []): Promise<void> {
  const update: Statement = {
    sql: `UPDATE users SET role = ?2 WHERE id = ?1
      AND (?2 = 'admin' OR EXISTS (SELECT 1 FROM users WHERE role = 'admin' AND id <> ?1))`,
    params: [userId, role],
    expectedChanges: 1,
  }
  await change(
    [update, ...alongside],
    () => new AppError('invalid-request', 'This is the only admin: make another user admin first.'),
  )
}

/** Runs the statements; when the first did not find what it changes, nothing is changed and `refusal` is thrown. */
async function change(statements: readonly Statement[], refusal: () => AppError): Promise<number[]> {
  try {
    return await openDatabase().transact(statements)
  } catch (error) {
    if (error instanceof UnexpectedChanges && error.index === 0) throw refusal()
    throw error
  }
}

function first(sql: string, params: SqlValue[]): User | null {
  const [row] = openDatabase().read<UserRow>(sql, params)
  return row ? toUser(row) : null
}

function toUser(row: UserRow): User {
  return {
    userId: row.id,
    username: row.username,
    passwordHash: row.password_hash,
    hasGeneratedPassword: row.has_generated_password === 1,
    role: row.role,
    createdAtMs: row.created_at_ms,
  }
}
