import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { encode } from 'next-auth/jwt'
import { afterAll, beforeAll } from 'vitest'
import type { Role } from '@/lib/permissions'
import { startRowThreadHere } from '@/testing/homes/row-thread-here'
import { writeNewSqliteFile } from '@/testing/databases/new-sqlite-file'
import { postgresSettings } from '@/testing/databases/postgres-settings'
import { type TestDatabase, createTestPostgres } from '@/testing/databases/test-postgres'
import { startWriterThreadHere } from '@/testing/databases/writer-thread-here'
import { createServices } from '@/server/program/create-services'
import { type Config, parseConfig, readConfig } from '@/server/config/config'
import { Passwords } from '@/server/auth/sign-in/passwords'
import { cookieName, sessionSecret } from '@/server/auth/sign-in/session-cookie'
import type { Database } from '@/server/db/database'
import { openSession } from '@/server/db/auth/sessions'
import { addUser } from '@/server/db/auth/users'
import type { Services } from '@/server/services'

/** Hashes of passwords take a quarter of a second otherwise; `passwords.test.ts` tests the cost of a program. */
const CHEAP_PASSWORDS = { logN: 4, r: 1, p: 1 }

/** Services of a test, which compute less than those of a program. */
function cheapServices(): Parameters<typeof createServices>[1] {
  return { startWriterThread: startWriterThreadHere, passwords: new Passwords(CHEAP_PASSWORDS) }
}

/** The services of another program on its own home; the test closes their database. */
export function createServicesAt(homeDir: string, settings: Record<string, string> = {}): Services {
  const config = parseConfig({ LAKESHORE_HOME: homeDir, LAKESHORE_LOG_LEVEL: 'silent', ...settings })
  return createServices(config, cheapServices())
}

/** The services of another program on the home of a test file and its database, which the test closes. */
export function createServicesBeside({ config }: Pick<TestHome, 'config'>): Services {
  return createServices(config, cheapServices())
}

/** The home of a test file, and the services of a program on it, which are created on first use. */
export type TestHome = {
  readonly services: Services
  readonly database: Database
  readonly config: Config
  /** Closes the database, as the end of a process does; services that are used later are created again. */
  restart(): Promise<void>
}

/**
 * Gives a test file its own home with its own database and warehouse, and removes it afterwards. The database is
 * SQLite, or PostgreSQL when the test file runs in the project for it.
 *
 * @param overrides services that replace the ones from the settings
 */
export function createTestHome(
  settings: Record<string, string> = {},
  overrides: Parameters<typeof createServices>[1] = {},
): TestHome {
  let folder: string | undefined
  let postgres: TestDatabase | null = null
  let services: Services | null = null
  const restart = async () => {
    await services?.database.close()
    services = null
  }
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-home-'))
    postgres = await createTestPostgres()
    if (!postgres) writeNewSqliteFile(path.join(folder, 'lakeshore.db'))
    Object.assign(process.env, {
      LAKESHORE_HOME: folder,
      LAKESHORE_LOG_LEVEL: 'silent',
      ...(postgres && postgresSettings(postgres.url)),
      ...settings,
    })
  })
  afterAll(async () => {
    await restart()
    await postgres?.drop()
    if (folder !== undefined) rmSync(folder, { recursive: true })
  })
  return {
    get services() {
      if (folder === undefined)
        throw new Error('The test home is created before the first test. Do not use it while tests are collected.')
      services ??= createServices(readConfig(), {
        ...cheapServices(),
        startRowThread: startRowThreadHere,
        ...overrides,
      })
      return services
    },
    get database() {
      return this.services.database
    },
    get config() {
      return this.services.config
    },
    restart,
  }
}

export type SignedInUser = { userId: string; username: string; sessionId: string; cookie: string }

let signedInCount = 0

/**
 * Creates a user with this role on everything (null: none) and an open session, and returns it in the form that the
 * browser sends.
 */
export async function signInAs(
  services: Pick<Services, 'config' | 'database' | 'keys'>,
  role: Role | null,
  { passwordHash = '', hours = 1 }: { passwordHash?: string; hours?: number } = {},
): Promise<SignedInUser> {
  signedInCount += 1
  const database = services.database
  const user = { username: `${role ?? 'guest'}-${signedInCount}`, passwordHash, hasGeneratedPassword: false, role }
  const userId = await addUser(database, user)
  const sessionId = `session-${signedInCount}`
  await openSession(database, { sessionId, userId, lifeMs: hours * 3_600_000 })
  return {
    userId,
    username: user.username,
    sessionId,
    cookie: await sessionCookie(services, { sessionId, sub: userId }),
  }
}

/** A cookie header with these claims, signed with this home's secret. */
export async function sessionCookie(
  services: Pick<Services, 'config' | 'keys'>,
  claims: { sessionId: string; sub: string },
  secret = sessionSecret(services.keys),
): Promise<string> {
  return `${cookieName(services.config, 'session')}=${await encode({ token: claims, secret, maxAge: 3600 })}`
}
