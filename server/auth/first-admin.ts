import 'server-only'
import { AppError } from '@/lib/errors'
import { config } from '@/server/config'
import { openDatabase } from '@/server/db/open-database'
import { addUser, listUsers } from '@/server/db/users'
import { generatePassword, hashPassword } from './passwords'

export const FIRST_ADMIN = 'admin'

/**
 * Makes user `admin` where nobody can sign in yet, with the password of the settings or a generated one.
 *
 * @returns the generated password, to be shown this once; null when there is none to show
 * @throws {AppError} forbidden when one would have to be generated for a console on a network
 */
export async function makeFirstAdmin(): Promise<string | null> {
  const database = openDatabase()
  if ((await listUsers(database)).length > 0) return null
  const { adminPassword: given, host } = config()
  if (given === null && !isLoopback(host)) {
    throw new AppError(
      'forbidden',
      `LAKESHORE_HOST is ${host} and user ${FIRST_ADMIN} has no password yet. Set LAKESHORE_ADMIN_PASSWORD.`,
    )
  }
  const password = given ?? generatePassword()
  const passwordHash = await hashPassword(password)
  try {
    const admin = { username: FIRST_ADMIN, passwordHash, hasGeneratedPassword: given === null, role: 'admin' } as const
    await addUser(database, admin)
  } catch (error) {
    if (error instanceof AppError && error.code === 'already-exists') return null // another process was first
    throw error
  }
  return given === null ? password : null
}

/** @returns the name of the user whose generated password is still in force; null when there is none */
export async function findGeneratedPassword(): Promise<string | null> {
  const users = await listUsers(openDatabase())
  return users.find(({ hasGeneratedPassword }) => hasGeneratedPassword)?.username ?? null
}

/**
 * A generated password was printed on a terminal: it is good for this machine, not for a network.
 *
 * @throws {AppError} forbidden when the console would be reachable from elsewhere with it
 */
export async function refuseGeneratedPasswordBeyondLoopback(host = config().host): Promise<void> {
  if (isLoopback(host)) return
  const holder = await findGeneratedPassword()
  if (holder === null) return
  throw new AppError(
    'forbidden',
    `LAKESHORE_HOST is ${host}, but the generated password of ${holder} is unchanged. ` +
      `Change it first: npm run lakeshore -- user passwd ${holder}`,
  )
}

function isLoopback(host: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|::1|localhost)$/.test(host)
}
