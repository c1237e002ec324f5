import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { peer } from '@/scripts/interop/peer'
import { databaseForTest, failsWith, makeQuietHome, openForTest, rowsOf } from '@/scripts/postgres-faults'
import { POSTGRES_AGES, postgresProgram } from '@/scripts/postgres-program'
import { type PostgresServer, startPostgres } from '@/scripts/postgres-server'
import { writeSelfSignedCertificate } from '@/scripts/self-signed-certificate'
import { rawQuery } from '@/scripts/test-sql'
import { SQLITE_MIGRATIONS } from '../sqlite/migrations'

makeQuietHome()

const program = await peer('PostgreSQL', () => Promise.all(POSTGRES_AGES.map(postgresProgram)))
const QUICK = { readBudgetMs: 300, connectTimeoutMs: 2_000 }

/** The same server under other parts of its URL. */
function addressWith(url: string, parts: Partial<Record<'hostname' | 'password' | 'pathname' | 'search', string>>) {
  return Object.assign(new URL(url), parts).href
}

/** It is refused in these words, and neither they nor what a log would have of it hold the password. */
async function expectRefused(url: string, words: RegExp): Promise<void> {
  const error = await openForTest(url, { times: QUICK }).then(
    () => null,
    (error: unknown) => error,
  )
  expect(error).toEqual(failsWith('database-unavailable', words))
  const { password } = new URL(url)
  expect(password).not.toBe('')
  for (const secret of [password, decodeURIComponent(password)])
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(secret)
}

describe.skipIf(program === null).each(POSTGRES_AGES)('The %s PostgreSQL (skipped where it cannot be had)', (age) => {
  let encrypted: PostgresServer
  let plain: PostgresServer
  let folder: string
  let certificateFile: string
  let otherCertificateFile: string

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'addresses-'))
    // The server runs as somebody else.
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
  /** Resolves to the loopback, and is not what the certificate says. */
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

    test('is opened with `require` and no root, whoever it is', async () => {
      const url = addressWith(encrypted.url, { hostname: WRONG_NAME, search: 'sslmode=require' })
      expect(await (await openForTest(url)).read(rawQuery('SELECT 1 AS one'))).toEqual([{ one: 1 }])
    })

    test('is refused with a wrong root, a wrong name, or no root at all', async () => {
      const of = (parameters: Record<string, string>, hostname = '127.0.0.1') =>
        addressWith(encrypted.url, { hostname, search: search(parameters) })
      const wrongRoot = { sslrootcert: otherCertificateFile }
      for (const sslmode of ['verify-full', 'verify-ca', 'require'])
        await expectRefused(of({ sslmode, ...wrongRoot }), /could not be opened: self-signed certificate/)
      await expectRefused(of({ sslmode: 'verify-full' }), /self-signed certificate/)
      await expectRefused(of({ sslmode: 'verify-full', sslrootcert: 'system' }), /self-signed certificate/)
      const rightRoot = { sslrootcert: certificateFile }
      await expectRefused(of({ sslmode: 'verify-full', ...rightRoot }, WRONG_NAME), /does not match certificate/)
      // A host that is not this machine is checked in full where nothing is said.
      await expectRefused(of(rightRoot, WRONG_NAME), /does not match certificate/)
    })

    test('is refused without encryption', async () => {
      await expectRefused(encrypted.url, /no pg_hba.conf entry/)
      await expectRefused(addressWith(encrypted.url, { search: 'sslmode=disable' }), /no pg_hba.conf entry/)
    })
  })

  describe('without TLS', () => {
    test('is refused where TLS is wanted', async () => {
      const of = (parameters: string) => addressWith(plain.url, { search: parameters })
      await expectRefused(of('sslmode=verify-full'), /does not support SSL/)
      await expectRefused(of('sslmode=require'), /does not support SSL/)
    })

    test('is refused with parameters that are none, or a root that is not there', async () => {
      const of = (parameters: string) => addressWith(plain.url, { search: parameters })
      await expectRefused(of('sslmode=prefer'), /sslmode is one of disable, require, verify-ca and verify-full/)
      await expectRefused(of('options=-c%20search_path%3Dpublic&ssl=false'), /but not options, ssl/)
      await expectRefused(of('sslmode=verify-full&sslrootcert=/nowhere.pem'), /no such file.*nowhere.pem/)
    })

    test('is refused with a wrong password, to a database that is not there, and at a host that is none', async () => {
      await expectRefused(addressWith(plain.url, { password: 'wrong-secret' }), /password authentication failed/)
      await expectRefused(addressWith(plain.url, { pathname: 'nowhere' }), /database "nowhere" does not exist/)
      await expectRefused(
        addressWith(plain.url, { hostname: 'nowhere.invalid', search: 'sslmode=disable' }),
        /could not be opened: .*nowhere.invalid/,
      )
      await expectRefused(
        Object.assign(new URL(plain.url), { port: '1', hostname: 'localhost' }).href,
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
      await rowsOf(plain.url, `CREATE ROLE ${quoted(user)} LOGIN PASSWORD '${password.replaceAll("'", "''")}'`)
      await rowsOf(plain.url, `CREATE DATABASE ${quoted(name)} OWNER ${quoted(user)}`)
      const { host } = new URL(plain.url)
      const url = `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}/${encodeURIComponent(name)}`
      const database = await openForTest(url, { schema })
      const where = rawQuery<{ user: string; name: string; schemas: string }>(
        'SELECT current_user::text AS user, current_database()::text AS name, current_schemas(false)::text[] AS schemas',
      )
      expect(await database.read(where)).toEqual([{ user, name, schemas: [schema] }])
      await expectRefused(url.replace('p%40ss', 'wrong%40'), /password authentication failed/)
    })

    test('keeps two Lakeshores apart that have a schema each in one database', async () => {
      const { url } = await databaseForTest(plain)
      const [one, two] = [await openForTest(url, { schema: 'one' }), await openForTest(url, { schema: 'two' })]
      for (const database of [one, two]) {
        const count = rawQuery<{ count: number }>('SELECT count(*) AS count FROM lakeshore_migrations')
        expect((await database.read(count))[0]?.count).toBeGreaterThanOrEqual(SQLITE_MIGRATIONS.length)
      }
    })
  })
})
