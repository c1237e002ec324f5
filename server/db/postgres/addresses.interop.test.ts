import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { createDatabaseForTest, openForTest, selectRows } from '@/testing/databases/postgres-faults'
import { POSTGRES_AGES, installPostgres } from '@/testing/databases/install-postgres'
import { type PostgresServer, startPostgres } from '@/testing/databases/postgres-server'
import { writeSelfSignedCertificate } from '@/testing/processes/self-signed-certificate'
import { rawQuery } from '@/testing/databases/test-sql'
import { migrationNames } from '../migrations'

const program = await installOrSkip('PostgreSQL', () => Promise.all(POSTGRES_AGES.map(installPostgres)))
/** A refusal comes at once; an unused host or port is tried again until the budget ends. */
const QUICK = { readBudgetMs: 300 }

/** The same server with other parts in its URL. */
function addressWith(url: string, parts: Partial<Record<'hostname' | 'password' | 'pathname' | 'search', string>>) {
  return Object.assign(new URL(url), parts).href
}

/** Returns the message of the refusal. Neither the message nor its log entry may contain the password. */
async function readRefusal(url: string): Promise<string> {
  const error = await openForTest(url, { times: QUICK }).then(
    () => null,
    (error: unknown) => error,
  )
  expect(error).toBeInstanceOf(AppError)
  expect(error).toMatchObject({ code: 'database-unavailable' })
  const { password } = new URL(url)
  expect(password).not.toBe('')
  for (const secret of [password, decodeURIComponent(password)])
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(secret)
  return error instanceof AppError ? error.message : ''
}

describe.skipIf(program === null).each(POSTGRES_AGES)('The %s PostgreSQL (skipped if it is not available)', (age) => {
  let encrypted: PostgresServer
  let plain: PostgresServer
  let folder: string
  let certificateFile: string
  let otherCertificateFile: string

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'addresses-'))
    // The server runs as another user.
    chmodSync(folder, 0o777)
    otherCertificateFile = (await writeSelfSignedCertificate(folder)).cert
    encrypted = await startPostgres({ age, isTls: true, isDurable: false })
    plain = await startPostgres({ age, isDurable: false, settings: { unix_socket_directories: folder } })
    certificateFile = String(encrypted.certificateFile)
  })
  afterAll(async () => {
    await encrypted?.stop()
    await plain?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const search = (parameters: Record<string, string>) => String(new URLSearchParams(parameters))
  /** Resolves to the loopback, and is not a name in the certificate. */
  const WRONG_NAME = '127.1'

  describe('with TLS', () => {
    test.each([
      ['127.0.0.1', { sslmode: 'verify-full' }],
      ['localhost', { sslmode: 'verify-full' }],
      ['127.0.0.1', { sslmode: 'verify-ca' }],
      [WRONG_NAME, { sslmode: 'verify-ca' }],
      [WRONG_NAME, { sslmode: 'require' }],
    ])('is opened as %s with its own root and %o', async (hostname, mode) => {
      const parameters = search({ ...mode, sslrootcert: certificateFile })
      const database = await openForTest(addressWith(encrypted.url, { hostname, search: parameters }))
      expect(await database.read(rawQuery('SELECT ssl::int FROM pg_stat_ssl WHERE pid = pg_backend_pid()'))).toEqual([
        { ssl: 1 },
      ])
    })

    test('is opened with `require` and no root, without verification', async () => {
      const url = addressWith(encrypted.url, { hostname: WRONG_NAME, search: 'sslmode=require' })
      expect(await (await openForTest(url)).read(rawQuery('SELECT 1 AS one'))).toEqual([{ one: 1 }])
    })

    test('is refused with a wrong root, a wrong name, or no root at all', async () => {
      const of = (parameters: Record<string, string>, hostname = '127.0.0.1') =>
        addressWith(encrypted.url, { hostname, search: search(parameters) })
      const wrongRoot = { sslrootcert: otherCertificateFile }
      for (const sslmode of ['verify-full', 'verify-ca', 'require'])
        expect(await readRefusal(of({ sslmode, ...wrongRoot }))).toMatch(/could not be opened: self-signed certificate/)
      expect(await readRefusal(of({ sslmode: 'verify-full' }))).toMatch(/self-signed certificate/)
      expect(await readRefusal(of({ sslmode: 'verify-full', sslrootcert: 'system' }))).toMatch(
        /self-signed certificate/,
      )
      const rightRoot = { sslrootcert: certificateFile }
      expect(await readRefusal(of({ sslmode: 'verify-full', ...rightRoot }, WRONG_NAME))).toMatch(
        /does not match certificate/,
      )
      // By default, a host that is not this machine is fully verified.
      expect(await readRefusal(of(rightRoot, WRONG_NAME))).toMatch(/does not match certificate/)
    })

    test('is refused without encryption', async () => {
      expect(await readRefusal(encrypted.url)).toMatch(/no pg_hba.conf entry/)
      expect(await readRefusal(addressWith(encrypted.url, { search: 'sslmode=disable' }))).toMatch(
        /no pg_hba.conf entry/,
      )
    })
  })

  describe('without TLS', () => {
    test('is refused if TLS is required', async () => {
      const of = (parameters: string) => addressWith(plain.url, { search: parameters })
      expect(await readRefusal(of('sslmode=verify-full'))).toMatch(/does not support SSL/)
      expect(await readRefusal(of('sslmode=require'))).toMatch(/does not support SSL/)
    })

    test('is refused with unknown parameters, or a root that does not exist', async () => {
      const of = (parameters: string) => addressWith(plain.url, { search: parameters })
      expect(await readRefusal(of('sslmode=prefer'))).toMatch(
        /sslmode is one of disable, require, verify-ca and verify-full/,
      )
      expect(await readRefusal(of('options=-c%20search_path%3Dpublic&ssl=false'))).toMatch(/but not options, ssl/)
      expect(await readRefusal(of('sslmode=verify-full&sslrootcert=/nowhere.pem'))).toMatch(/no such file.*nowhere.pem/)
    })

    test('is refused with a wrong password, a missing database, or an unknown host', async () => {
      expect(await readRefusal(addressWith(plain.url, { password: 'wrong-secret' }))).toMatch(
        /password authentication failed/,
      )
      expect(await readRefusal(addressWith(plain.url, { pathname: 'nowhere' }))).toMatch(
        /database "nowhere" does not exist/,
      )
      expect(
        await readRefusal(addressWith(plain.url, { hostname: 'nowhere.invalid', search: 'sslmode=disable' })),
      ).toMatch(/could not be opened: .*nowhere.invalid/)
      expect(await readRefusal(Object.assign(new URL(plain.url), { port: '1', hostname: 'localhost' }).href)).toMatch(
        /postgres:\/\/localhost:1\/postgres could not be opened: .*ECONNREFUSED/,
      )
    })

    test('is opened through its socket', async () => {
      const { username, password, port } = new URL(plain.url)
      const url = `postgres://${username}:${password}@${encodeURIComponent(folder)}:${port}/postgres`
      const database = await openForTest(url)
      expect(await database.read(rawQuery('SELECT inet_client_addr()::text AS address'))).toEqual([{ address: null }])
    })

    test('is opened by a user, with a password, to a database and in a schema of any characters', async () => {
      const [user, password, name] = [`we:ird@"us er'/é%41`, `p@ss:/?#[]%&'"é \\w`, `a "lake"/é?#%41`]
      const schema = `Sch"e''ma \\ x,\ty$é`
      const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
      await selectRows(plain.url, `CREATE ROLE ${quoted(user)} LOGIN PASSWORD '${password.replaceAll("'", "''")}'`)
      await selectRows(plain.url, `CREATE DATABASE ${quoted(name)} OWNER ${quoted(user)}`)
      const { host } = new URL(plain.url)
      const url = `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}/${encodeURIComponent(name)}`
      const database = await openForTest(url, { schema })
      const where = rawQuery<{ user: string; name: string; schemas: string }>(
        'SELECT current_user::text AS user, current_database()::text AS name, current_schemas(false)::text[] AS schemas',
      )
      expect(await database.read(where)).toEqual([{ user, name, schemas: [schema] }])
      expect(await readRefusal(url.replace('p%40ss', 'wrong%40'))).toMatch(/password authentication failed/)
    })

    test('separates two Lakeshores with a schema each in one database', async () => {
      const { url } = await createDatabaseForTest(plain)
      const [one, two] = [await openForTest(url, { schema: 'one' }), await openForTest(url, { schema: 'two' })]
      for (const database of [one, two]) {
        const count = rawQuery<{ count: number }>('SELECT count(*) AS count FROM lakeshore_migrations')
        expect((await database.read(count))[0]?.count).toBe(migrationNames().length)
      }
    })
  })
})
