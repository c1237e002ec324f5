import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { encode } from 'next-auth/jwt'
import { afterAll, beforeAll } from 'vitest'
import type { Role } from '@/lib/permissions'
import { postgresSettings } from '@/scripts/postgres-settings'
import { type TestDatabase, testPostgres } from '@/scripts/test-postgres'
import { cookieName, sessionSecret } from '@/server/auth/session-cookie'
import { openDatabase } from '@/server/db/open-database'
import { openSession } from '@/server/db/sessions'
import { addUser } from '@/server/db/users'

/**
 * Gives a test file a home of its own, with its own database and warehouse, and takes it away afterwards. The
 * database is SQLite's, or PostgreSQL's where the test file runs in the project for it.
 */
export function makeTestHome(settings: Record<string, string> = {}): void {
  let folder: string
  let postgres: TestDatabase | null = null
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-home-'))
    postgres = await testPostgres()
    Object.assign(process.env, {
      LAKESHORE_HOME: folder,
      LAKESHORE_LOG_LEVEL: 'silent',
      ...(postgres && postgresSettings(postgres.url)),
      ...settings,
    })
  })
  afterAll(async () => {
    await openDatabase().close()
    await postgres?.drop()
    rmSync(folder, { recursive: true })
  })
}

export type SignedIn = { userId: string; username: string; sessionId: string; cookie: string }

let signedInCount = 0

/** A new user of this role with an open session, as their browser would present it. */
export async function signInAs(
  role: Role,
  { passwordHash = '', hours = 1 }: { passwordHash?: string; hours?: number } = {},
): Promise<SignedIn> {
  signedInCount += 1
  const database = openDatabase()
  const user = { username: `${role}-${signedInCount}`, passwordHash, hasGeneratedPassword: false, role }
  const userId = await addUser(database, user)
  const sessionId = `session-${signedInCount}`
  await openSession(database, { sessionId, userId, lifeMs: hours * 3_600_000 })
  return { userId, username: user.username, sessionId, cookie: await sessionCookie({ sessionId, sub: userId }) }
}

/** A cookie header with these claims, made with this home's secret. */
export async function sessionCookie(
  claims: { sessionId: string; sub: string },
  secret = sessionSecret(),
): Promise<string> {
  return `${cookieName('session')}=${await encode({ token: claims, secret, maxAge: 3600 })}`
}
