import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { ensurePostgresClient } from './postgres-client'
import { startTcpProxy, type TcpProxy } from '@/testing/faults/tcp-proxy'
import { createTestDatabase, startSharedPostgres, type TestDatabase } from './test-postgres'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { runToEnd } from '@/testing/processes/run-to-end'

/** Databases for tests, fault proxies in front of them, and the programs that dump them. */

const oldest = await installOrSkip('PostgreSQL', () => startSharedPostgres('oldest'))
const newest = await installOrSkip('PostgreSQL', () => startSharedPostgres('newest'))
const dumping =
  oldest &&
  (await installOrSkip('A PostgreSQL client', async () => ({
    ...(await ensurePostgresClient(oldest.version)),
    oldest,
  })))

async function openClient(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString })
  client.on('error', () => {}) // a failing query reports its own error
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

function waitForEnd(client: Client): Promise<void> {
  return new Promise((resolve) => void client.once('end', () => resolve()))
}

async function createForTest(server: { url: string }): Promise<TestDatabase> {
  const database = await createTestDatabase(server)
  onTestFinished(database.drop)
  return database
}

describe.skipIf(newest === null)('A database for a test (skipped if PostgreSQL is not available)', () => {
  const server = newest ?? { url: '' }

  test('is empty, and its owner is not a superuser', async () => {
    const { url, name } = await createForTest(server)
    const client = await openClient(url)
    const { rows } = await client.query(
      `SELECT current_database() AS database, current_user AS user, usesuper AS "isSuperuser",
              (SELECT count(*)::int FROM pg_tables WHERE schemaname = 'public') AS "tableCount"
       FROM pg_user WHERE usename = current_user`,
    )
    expect(rows).toEqual([{ database: name, user: name, isSuperuser: false, tableCount: 0 }])
    await client.query('CREATE TABLE own (id int)')
  })

  test('is on the server that all tests share', async () => {
    expect(await startSharedPostgres('newest')).toEqual(newest)
    expect(oldest?.url).not.toBe(server.url)
  })

  test('is gone once it is dropped, with its open connections', async () => {
    const { url, name, drop } = await createForTest(server)
    const client = await openClient(url)
    const cut = waitForEnd(client)
    await drop()
    await cut
    const superuser = await openClient(server.url)
    const remaining = await superuser.query(
      'SELECT datname FROM pg_database WHERE datname = $1 UNION ALL SELECT rolname FROM pg_roles WHERE rolname = $1',
      [name],
    )
    expect(remaining.rows).toEqual([])
  })
})

describe.skipIf(newest === null)('A proxy in front of PostgreSQL (skipped if it is not available)', () => {
  let database: TestDatabase
  let proxy: TcpProxy

  beforeAll(async () => {
    database = await createTestDatabase(newest ?? { url: '' })
    proxy = await startTcpProxy({ port: Number(new URL(database.url).port) })
  })
  afterAll(async () => {
    proxy?.close()
    await database?.drop()
  })
  beforeEach(async () => {
    const client = await openClient(database.url)
    await client.query('DROP TABLE IF EXISTS rows; CREATE TABLE rows (id int)')
  })

  const storedRows = async () => (await (await openClient(database.url)).query('SELECT id FROM rows')).rows
  const insertThroughProxy = async () => {
    const client = await openClient(proxy.proxiedUrl(database.url))
    await client.query('BEGIN')
    await client.query('INSERT INTO rows VALUES ($1)', [1])
    return client
  }

  test('drops the answer to a COMMIT that was executed', async () => {
    const client = await insertThroughProxy()
    const cut = proxy.cutAfterClientSends('COMMIT')
    await expect(client.query('COMMIT')).rejects.toThrow('ECONNRESET')
    await cut
    expect(await storedRows()).toEqual([{ id: 1 }])
  })

  test('drops a COMMIT before it is executed', async () => {
    const client = await insertThroughProxy()
    const cut = proxy.cutBeforeForwarding('COMMIT')
    await expect(client.query('COMMIT')).rejects.toThrow('ECONNRESET')
    await cut
    expect(await storedRows()).toEqual([])
  })

  test('cuts a connection in a transaction, which leaves nothing behind', async () => {
    const client = await insertThroughProxy()
    const ended = waitForEnd(client)
    proxy.cut()
    await ended
    await expect(client.query('COMMIT')).rejects.toThrow('not queryable')
    expect(await storedRows()).toEqual([])
  })

  test('holds a COMMIT until it is released', async () => {
    const client = await insertThroughProxy()
    proxy.stall()
    const commit = client.query('COMMIT')
    expect(await storedRows()).toEqual([])
    proxy.resume()
    await commit
    expect(await storedRows()).toEqual([{ id: 1 }])
  })
})

describe.skipIf(dumping === null)('A client of PostgreSQL (skipped if it is not available)', () => {
  test('dumps a database and restores it into another', async () => {
    if (!dumping) throw new Error('There is no client.')
    const [from, to] = [await createForTest(dumping.oldest), await createForTest(dumping.oldest)]
    const folder = mkdtempSync(path.join(tmpdir(), 'postgres-dump-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = path.join(folder, 'lake.dump')
    const run = { timeoutMs: 120_000 }
    await runToEnd(dumping.psql, [from.url, '-c', `CREATE TABLE rows AS SELECT 'saved' AS word`], run)
    await runToEnd(dumping.pgDump, ['--format=custom', '--no-owner', `--file=${file}`, from.url], run)
    await runToEnd(dumping.pgRestore, ['--no-owner', '--exit-on-error', `--dbname=${to.url}`, file], run)
    expect((await (await openClient(to.url)).query('SELECT word FROM rows')).rows).toEqual([{ word: 'saved' }])
  })

  test('is not available for a server newer than any client', async () => {
    await expect(ensurePostgresClient('99.0')).rejects.toThrow('no pg_dump of PostgreSQL 99 or newer')
  })
})
