import 'server-only'
import { AppError } from '@/lib/errors'
import { ROLES, type Role } from '@/lib/permissions'
import { findUserByName, type User } from '@/server/db/auth/users'
import type { Database } from '@/server/db/database'
import { UsageError } from './verb'

/** @throws {AppError} not-found */
export async function requireUserNamed(database: Database, username: string): Promise<User> {
  const user = await findUserByName(database, username)
  if (!user) throw new AppError('not-found', `There is no user ${username}.`)
  return user
}

/**
 * A role, or null for `none`: a user who may do what grants say.
 *
 * @throws {UsageError} for another word
 */
export function parseUserRole(text: string | undefined): Role | null {
  if (text === 'none') return null
  const role = ROLES.find((one) => one === text)
  if (role) return role
  throw new UsageError(`a role is one of none, ${ROLES.join(', ')}${text === undefined ? '' : `, not "${text}"`}`)
}

/** @throws {UsageError} for another word */
export function parseRole(text: string | undefined): Role {
  const role = ROLES.find((one) => one === text)
  if (!role) throw new UsageError(`a role is one of ${ROLES.join(', ')}${text === undefined ? '' : `, not "${text}"`}`)
  return role
}
