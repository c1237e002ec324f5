import 'server-only'
import { AppError } from '@/lib/errors'
import { config } from '@/server/config'
import { addUser, listUsers } from '@/server/db/users'
import { generatePassword, hashPassword } from './passwords'

export const FIRST_ADMIN = 'admin'

/**
 * Makes user `admin` where nobody can sign in yet, with the password of the settings or a generated one.
 *
 * @returns the generated password, to be shown this once; null when there is none to show
 * @throws {AppError} forbidden when one would have to be generated for a console on a network
 */
export async function makeFirstAdmin(nowMs = Date.now()): Promise<string | null> {
  if (listUsers().length > 0) return null
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
    await addUser({ username: FIRST_ADMIN, passwordHash, hasGeneratedPassword: given === null, role: 'admin' }, nowMs)
  } catch (error) {
    if (error instanceof AppError && error.code === 'already-exists') return null // another process was first
    throw error
  }
  return given === null ? password : null
}

/** @returns the name of the user whose generated password is still in force; null when there is none */
export function findGeneratedPassword(): string | null {
  return listUsers().find(({ hasGeneratedPassword }) => hasGeneratedPassword)?.username ?? null
}

/**
 * A generated password was printed on a terminal: it is good for this machine, not for a network.
 *
 * @throws {AppError} forbidden when the console would be reachable from elsewhere with it
 */
export function refuseGeneratedPasswordBeyondLoopback(host = config().host): void {
  if (isLoopback(host)) return
  const holder = findGeneratedPassword()
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
