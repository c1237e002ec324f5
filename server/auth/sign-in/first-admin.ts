import 'server-only'
import type { Database } from '@/server/db/database'
import { AppError } from '@/lib/errors'
import { lakeshoreCommands } from '@/lib/names/lakeshore-commands'
import { addUser, listUsers } from '@/server/db/auth/users'
import type { AuthServices } from '@/server/auth/auth-services'
import { COMMAND_LINE } from '../command-line'
import { userAudit } from '../user-audit'
import { generatePassword } from './passwords'

export const FIRST_ADMIN = 'admin'

/**
 * Creates user `admin` if no user can sign in yet, with the password from the settings or a generated one. Without
 * sign-in by password it creates no user: the command line adds the first admin.
 *
 * @returns the generated password, to be shown this once, or null
 * @throws {AppError} forbidden if a password would have to be generated for a console on a network
 */
export async function createFirstAdmin(
  services: Pick<AuthServices, 'config' | 'database' | 'passwords'>,
): Promise<string | null> {
  const database = services.database
  if (!services.config.hasPasswordSignIn) return null
  if ((await listUsers(database)).some(({ isService }) => !isService)) return null
  const { adminPassword: configuredPassword, host } = services.config
  if (configuredPassword === null && !isLoopback(host)) {
    throw new AppError(
      'forbidden',
      `LAKESHORE_HOST is ${host} and user ${FIRST_ADMIN} has no password yet. Set LAKESHORE_ADMIN_PASSWORD.`,
    )
  }
  const password = configuredPassword ?? generatePassword()
  const passwordHash = await services.passwords.hash(password)
  try {
    const admin = {
      username: FIRST_ADMIN,
      passwordHash,
      hasGeneratedPassword: configuredPassword === null,
      role: 'admin',
    } as const
    const audit = userAudit({ action: 'add-user', actor: COMMAND_LINE, before: null, after: admin, requestId: null })
    await addUser(database, admin, [audit])
  } catch (error) {
    if (error instanceof AppError && error.code === 'already-exists') return null // another process was first
    throw error
  }
  return configuredPassword === null ? password : null
}

/** @returns the name of the user who still has the generated password, or null */
export async function findGeneratedPassword(database: Database): Promise<string | null> {
  const users = await listUsers(database)
  return users.find(({ hasGeneratedPassword }) => hasGeneratedPassword)?.username ?? null
}

/**
 * A generated password was printed on a terminal, which is safe enough on this machine but not on a network.
 *
 * @throws {AppError} forbidden when a generated password is unchanged and the console listens beyond loopback
 */
export async function refuseGeneratedPasswordOnNetwork(
  services: Pick<AuthServices, 'config' | 'database'>,
  host = services.config.host,
): Promise<void> {
  if (isLoopback(host)) return
  const username = await findGeneratedPassword(services.database)
  if (username === null) return
  throw new AppError(
    'forbidden',
    `LAKESHORE_HOST is ${host}, but the generated password of ${username} is unchanged. ` +
      `Change it first: ${lakeshoreCommands.setPassword(username)}`,
  )
}

function isLoopback(host: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|::1|localhost)$/.test(host)
}
